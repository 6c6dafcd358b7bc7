import type { SignInSession } from '../protocol/own';
import type { Page } from '../protocol/rest';
import { askOne } from './asked';
import { ask } from './session';

/** Whose sign-in sessions, and what can be done to them. */
export interface Sessions {
  list: (signal: AbortSignal) => Promise<SignInSession[]>;
  end: (id: string) => Promise<unknown>;
  /** All; of one's own, all but this one. */
  endAll: () => Promise<unknown>;
}

function at(path: string, all: Record<string, boolean>): Sessions {
  return {
    list: async (signal) => (await ask<Page<SignInSession>>('GET', path, { query: { limit: 1000 }, signal })).data,
    end: (id) => askOne('DELETE', `${path}/${id}`),
    endAll: () => askOne('DELETE', path, { query: all }),
  };
}

export const ownSessions = at('/api/edge/v1/sessions', { keepCurrent: true });
export const sessionsOf = (member: string): Sessions => at(`/api/edge/v1/users/${member}/sessions`, {});
