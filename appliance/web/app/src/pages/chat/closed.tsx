import type { ComponentChildren } from 'preact';
import { Notice } from '../../components/notice';

/** Stands where the field would, and says why there is none. */
export const Closed = ({ children }: { children: ComponentChildren }) => <div class="thread__closed"><Notice><p>{children}</p></Notice></div>;
