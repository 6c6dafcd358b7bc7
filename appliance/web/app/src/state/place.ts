import { placeId, placeOf } from '../protocol/incoming';

/** A message in the address of its conversation: `#/chat/PEER/a6543...`. */
export const partOf = (place: number): string => placeId(place);
export const placeIn = (part: string | undefined): number | undefined => placeOf(part);
