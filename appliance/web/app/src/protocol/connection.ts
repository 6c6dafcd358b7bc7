import type { Element } from '@xmpp/xml';
import { type Credentials, type Ending, type Stream, endingOf, open, ping } from './stream';

/** Silence after which the box is asked whether it is there, and how long it may take to answer. */
const SILENCE_MS = 9_000;
const ANSWER_MS = 6_000;
/** The same after the device woke up or changed its network: then silence is likely. */
const ANSWER_SOON_MS = 3_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A stream that held this long was a good one: the next pause is short again. */
const GOOD_AFTER_MS = 20_000;

export type State = 'connecting' | 'online' | 'offline';

interface Watcher {
  state: (state: State) => void;
  /** A fresh stream is open: everything that may have been missed is to be asked for. */
  opened: () => void;
  stanza: (stanza: Element) => void;
  /** The stream is over; `why` as in RFC 6120, or `lost`. `false`: do not connect again. */
  ended: (why: Ending) => boolean | Promise<boolean>;
}

/** Keeps one stream open as long as it is wanted: notices dead ones, connects again with growing, scattered pauses. */
export class Connection {
  private stream: Stream | undefined;
  private wanted = false;
  private opening = false;
  private pauseMs = FIRST_PAUSE_MS;
  private openedAt = 0;
  private heardAt = 0;
  private asking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly credentials: () => Credentials | undefined,
    private readonly watcher: Watcher,
  ) {
    addEventListener('online', () => this.hurry());
    addEventListener('offline', () => void this.check(ANSWER_SOON_MS));
    addEventListener('pageshow', () => this.hurry());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.hurry());
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.pauseMs = FIRST_PAUSE_MS;
    this.watch = setInterval(() => this.listen(), 1000);
    void this.connect();
  }

  stop(): void {
    if (!this.wanted) return;
    this.wanted = false;
    clearTimeout(this.timer);
    clearInterval(this.watch);
    const { stream } = this;
    this.stream = undefined;
    stream?.close();
    this.watcher.state('offline');
  }

  /** Now is a good time: connects without waiting, or looks whether the stream still holds. */
  hurry(): void {
    if (!this.wanted) return;
    this.pauseMs = FIRST_PAUSE_MS;
    if (this.stream) void this.check(ANSWER_SOON_MS);
    else if (!this.opening) void this.connect();
  }

  get isOpen(): boolean {
    return this.stream !== undefined;
  }

  /** `false` when there is no stream: nothing was sent. */
  send(stanza: Element): boolean {
    this.stream?.send(stanza);
    return this.stream !== undefined;
  }

  request(iq: Element): Promise<Element> {
    return this.stream ? this.stream.request(iq) : Promise.reject(new Error('offline'));
  }

  private async connect(): Promise<void> {
    clearTimeout(this.timer);
    const credentials = this.credentials();
    if (!this.wanted || this.opening || !credentials) return;
    this.opening = true;
    this.watcher.state('connecting');
    try {
      const stream = await open(credentials, {
        stanza: (stanza) => this.heard(stanza),
        ended: (why) => void this.lost(why, stream),
      });
      this.opening = false;
      if (!this.wanted) return stream.close();
      this.stream = stream;
      this.openedAt = this.heardAt = Date.now();
      this.watcher.state('online');
      this.watcher.opened();
    } catch (failure) {
      this.opening = false;
      await this.lost(endingOf(failure), undefined);
    }
  }

  private async lost(why: Ending, stream: Stream | undefined): Promise<void> {
    if (stream !== this.stream) return;
    const held = this.stream !== undefined && Date.now() - this.openedAt > GOOD_AFTER_MS;
    const first = this.stream !== undefined;
    this.stream = undefined;
    if (!this.wanted) return;
    this.watcher.state(first ? 'connecting' : 'offline');
    if (held) this.pauseMs = FIRST_PAUSE_MS;
    if (!(await this.watcher.ended(why)) || !this.wanted || this.stream) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), this.pauseMs * (0.5 + Math.random()));
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private heard(stanza: Element): void {
    this.heardAt = Date.now();
    this.watcher.stanza(stanza);
  }

  private listen(): void {
    if (this.stream && Date.now() - this.heardAt > SILENCE_MS) void this.check(ANSWER_MS);
  }

  /** Asks whether the box is there; a stream that does not answer is given up. */
  private async check(patienceMs: number): Promise<void> {
    const { stream } = this;
    if (!stream || this.asking) return;
    this.asking = true;
    try {
      await stream.request(ping(), patienceMs);
      this.heardAt = Date.now();
    } catch {
      stream.close(true);
    } finally {
      this.asking = false;
    }
  }
}
