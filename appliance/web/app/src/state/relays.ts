import { ask } from './session';

/** A relay for calls, with credentials of this person's own, in the form that browsers want. */
export interface IceServer {
  urls: string;
  username?: string;
  credential?: string;
}

export const relays = async (): Promise<IceServer[]> =>
  (await ask<{ data: IceServer[] }>('GET', '/api/rainbow/geolocation/v1.0/settings/iceservers')).data;
