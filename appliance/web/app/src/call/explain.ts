import { explain } from '../state/failure';
import { text } from '../state/language';
import { NoDevice } from './devices';

/** What a person is told when a device, or something else of calls, could not be used. */
export const explainDevice = (failure: unknown): string => (failure instanceof NoDevice ? text(`call_failed_${failure.why}`, { name: '' }) : explain(failure));
