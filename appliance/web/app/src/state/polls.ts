import { type Signal, signal } from '@preact/signals';
import { idOf, peerOf } from '../protocol/bubbles';
import type { Page } from '../protocol/rest';
import { askOne } from './asked';
import { bubble } from './bubbles';
import { whenHeard, whenOpened } from './connection';
import { clean } from './names';
import { remembered } from './remembered';
import { ask, whenSignedOut } from './session';
import { soon } from './soon';

export interface Question {
  text: string;
  /** More than one answer may be chosen. */
  multiple: boolean;
  answers: readonly { text: string; votes: number }[];
}

/** For each question that is answered, by its place: the places of the answers. */
export type Ballot = ReadonlyMap<number, readonly number[]>;

/** A poll of a bubble as this person sees it. */
export interface Poll {
  id: string;
  peer: string;
  title: string;
  questions: readonly Question[];
  anonymous: boolean;
  durationMin: number;
  state: 'unpublished' | 'published' | 'terminated';
  /** When it ends by itself, or has ended. */
  endsMs: number | undefined;
  /** How many voted. */
  voters: number;
  voted: boolean;
  /** What this person chose; nothing of an anonymous one that is over. */
  own: Ballot;
}

interface Listed {
  id: string;
  roomId: string;
  title: string;
  questions: { text: string; multipleChoice: boolean; answers: { text: string; voters: number; votes?: number[] }[] }[];
  anonymous: boolean;
  duration: number;
  state: Poll['state'];
  endDate: string | null;
  voted: boolean;
  votersCount: number;
  ownVotes: { question: number; answers: number[] }[];
  voters?: { userId: string }[];
}

/** What the box takes: questions of one poll, answers of one question, characters of a text. */
export const QUESTIONS_MAX = 20;
export const ANSWERS_MAX = 20;
export const ANSWERS_MIN = 2;
export const POLL_TEXT_MAX = 255;

const POLLS = '/api/rainbow/enduser/v1.0/polls';
const KNOWN_MAX = 50;
/** Votes come in bursts: after one is told of, so long is waited before they are counted anew. */
const PAUSE_MS = 400;

const known = new Map<string, Signal<readonly Poll[] | undefined>>();

function toPoll(one: Listed): Poll {
  return {
    id: one.id,
    peer: peerOf(one.roomId),
    title: clean(one.title),
    questions: one.questions.map(({ text, multipleChoice, answers }) => ({
      text: clean(text),
      multiple: multipleChoice,
      answers: answers.map((answer) => ({ text: clean(answer.text), votes: answer.voters })),
    })),
    anonymous: one.anonymous,
    durationMin: one.duration,
    state: one.state,
    endsMs: one.endDate ? Date.parse(one.endDate) : undefined,
    voters: one.votersCount,
    voted: one.voted,
    own: new Map(one.ownVotes.map(({ question, answers }) => [question, answers])),
  };
}

/** What it is called: its title, else its first question. */
export const titleOf = (one: Poll): string => one.title || (one.questions[0]?.text ?? '');

const entry = (peer: string): Signal<readonly Poll[] | undefined> =>
  remembered(known, KNOWN_MAX, peer, () => {
    void fetchPolls(peer);
    return signal<readonly Poll[] | undefined>(undefined);
  });

/** The polls of a bubble, the newest first; none until the box has told. */
export const polls = (peer: string): readonly Poll[] => entry(peer).value ?? [];

export async function fetchPolls(peer: string): Promise<void> {
  const answer = await ask<Page<Listed>>('GET', POLLS, { query: { roomId: idOf(peer), limit: 100 } }).catch(() => undefined);
  if (answer && known.has(peer)) entry(peer).value = answer.data.map(toPoll);
}

async function change(peer: string, what: Promise<unknown>): Promise<void> {
  try {
    await what;
  } finally {
    await fetchPolls(peer);
  }
}

export interface Draft {
  title: string;
  questions: readonly { text: string; multiple: boolean; answers: readonly string[] }[];
  anonymous: boolean;
  durationMin: number;
}

/** Makes a poll and lets people vote at once. */
export const begin = (peer: string, draft: Draft): Promise<void> => change(peer, made(peer, draft));

async function made(peer: string, { title, questions, anonymous, durationMin }: Draft): Promise<void> {
  const body = {
    roomId: idOf(peer),
    title: title.trim(),
    questions: questions.map(({ text, multiple, answers }) => ({ text: text.trim(), multipleChoice: multiple, answers: answers.map((answer) => ({ text: answer.trim() })) })),
    anonymous,
    duration: durationMin,
  };
  const { id } = await askOne<Listed>('POST', POLLS, { body });
  await ask('PUT', `${POLLS}/${id}/publish`, { body: {} });
}

const turned = (one: Poll, act: 'publish' | 'terminate'): Promise<void> => change(one.peer, ask('PUT', `${POLLS}/${one.id}/${act}`, { body: {} }));
export const publish = (one: Poll): Promise<void> => turned(one, 'publish');
export const end = (one: Poll): Promise<void> => turned(one, 'terminate');
export const remove = (one: Poll): Promise<void> => change(one.peer, ask('DELETE', `${POLLS}/${one.id}`));

export const vote = (one: Poll, ballot: Ballot): Promise<void> =>
  change(one.peer, ask('PUT', `${POLLS}/${one.id}/vote`, { body: { votes: [...ballot].map(([question, answers]) => ({ question, answers })) } }));

/** Who chose each answer of each question; of an anonymous poll nobody. */
export async function votersOf(one: Poll, stop: AbortSignal): Promise<readonly (readonly (readonly string[])[])[]> {
  const told = await askOne<Listed>('GET', `${POLLS}/${one.id}`, { query: { format: 'full' }, signal: stop });
  const people = told.voters ?? [];
  return told.questions.map(({ answers }) => answers.map(({ votes = [] }) => votes.flatMap((place) => people[place]?.userId ?? [])));
}

const fetchSoon = soon(PAUSE_MS, (peer) => {
  // Nobody has looked yet, or it is nothing to this person any more.
  if (known.has(peer) && bubble(peer)?.status === 'accepted') void fetchPolls(peer);
});

whenHeard((heard) => {
  // Of bubbles too: what is shown depends on what one is there.
  if ((heard.kind === 'notice' && heard.topic === 'poll') || heard.kind === 'bubble') fetchSoon(peerOf(heard.id));
});
whenOpened(() => {
  for (const peer of known.keys()) fetchSoon(peer);
});
whenSignedOut(() => known.clear());
