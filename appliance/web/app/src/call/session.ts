import type { Element } from '@xmpp/xml';
import { NS } from '../protocol/namespaces';
import { type Role, contentsOf, nameOf, readDescription, readTransport } from '../protocol/jingle/content';
import { parse, parseCandidate, write, writeCandidate } from '../protocol/jingle/sdp';
import { type Candidate, type Description, type Section, type Transport, Unusable } from '../protocol/jingle/section';
import { type Between, addresses, done, more, muted, refused, restart, terminate, whole } from '../protocol/jingle/steps';

/** How a session goes: `broken` means that it is tried to come back by itself. */
type SessionState = 'connected' | 'broken' | 'over';

interface Watcher {
  state: (state: SessionState, reason: string) => void;
  /** What comes from the other side. */
  heard: (media: MediaStream) => void;
  /** Whether there is a picture of the other side to be seen. */
  picture: (on: boolean) => void;
}

interface Line {
  /** Resolves with the answer, rejects with a refusal or when there is no connection to the box. */
  request: (step: Element) => Promise<Element>;
  send: (stanza: Element) => boolean;
}

/** Addresses found within this time are told together. */
const GATHER_MS = 40;
/** A connection that is lost for so long is made anew: it was silent for seconds before the browser says so; by who was called a little later, so that not both begin. */
const RESTART_AFTER_MS = { initiator: 500, responder: 4_000 };
/** What has not come back by then is over. */
const GIVE_UP_MS = 45_000;

/** Who does not tell the relays of now within this time is not waited for: those of before may do. */
const SERVERS_MS = 2_000;

const configured = (iceServers: RTCIceServer[]): RTCConfiguration => ({ iceServers, bundlePolicy: 'max-bundle' });
const other = (role: Role): Role => (role === 'initiator' ? 'responder' : 'initiator');
const named = ({ sections, bundle }: Description, mids: readonly string[]): Description => ({ sections: sections.filter((one) => mids.includes(one.mid)), bundle });

/** The media between this device and one other, agreed on by Jingle. It is used once. */
export class Session {
  private readonly pc: RTCPeerConnection;
  private readonly media = new MediaStream();
  /** Sections of the other side, in their order. */
  private remote: Section[] = [];
  /** What the other side is to DTLS; once agreed on it stays. */
  private remoteSetup = 'actpass';
  /** Candidates that came before what they belong to. */
  private early: { mid: string; candidate: Candidate }[] = [];
  private found: RTCIceCandidate[] = [];
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private steps: Promise<void> = Promise.resolve();
  /** What this side asked for and the other has not answered yet. */
  private asked: 'nothing' | 'content' | 'transport' = 'nothing';
  private agreed = false;
  private over = false;
  private mutedPicture = false;
  private sender: RTCRtpSender | undefined;
  /** A picture whose place the other side makes. */
  private waiting: MediaStreamTrack | undefined;
  private restarting: ReturnType<typeof setTimeout> | undefined;
  private giving: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly line: Line,
    readonly between: Between,
    servers: RTCIceServer[],
    /** Which servers there are now. */
    private readonly serversNow: () => Promise<RTCIceServer[]>,
    private readonly watcher: Watcher,
  ) {
    this.pc = new RTCPeerConnection(configured(servers));
    this.pc.onicecandidate = ({ candidate }) => candidate && this.gather(candidate);
    this.pc.onconnectionstatechange = () => this.watch();
    this.pc.ontrack = ({ track }) => this.hear(track);
  }

  get role(): Role {
    return this.between.role;
  }

  /** Begins as who called. */
  begin(sound: MediaStreamTrack, picture: MediaStreamTrack | undefined, withPicture: boolean): Promise<void> {
    return this.inTurn(async () => {
      this.pc.addTransceiver(sound, { direction: 'sendrecv' });
      if (withPicture) this.sender = this.pc.addTransceiver(picture ?? 'video', { direction: 'sendrecv' }).sender;
      await this.pc.setLocalDescription();
      await this.line.request(whole(this.between, 'session-initiate', this.local()));
      this.agreed = true;
      this.tell();
      if (withPicture && !picture) this.sayPicture(false);
    });
  }

  /** Takes what who called has sent. */
  take(jingle: Element, sound: MediaStreamTrack, picture: MediaStreamTrack | undefined): Promise<void> {
    return this.inTurn(async () => {
      const offered = readDescription(jingle, 'initiator');
      await this.setRemote('offer', [...offered.sections]);
      for (const transceiver of this.pc.getTransceivers()) {
        const kind = transceiver.receiver.track.kind;
        if (kind === 'video') this.sender = transceiver.sender;
        const own = kind === 'audio' ? sound : picture;
        transceiver.direction = 'sendrecv';
        if (own) await transceiver.sender.replaceTrack(own);
      }
      await this.pc.setLocalDescription();
      this.learnRole();
      await this.line.request(whole(this.between, 'session-accept', this.local()));
      this.agreed = true;
      this.tell();
      if (this.sender && !picture) this.sayPicture(false);
    });
  }

  /** Another microphone. */
  async replaceSound(track: MediaStreamTrack): Promise<void> {
    await this.pc.getSenders().find((sender) => sender !== this.sender)?.replaceTrack(track);
  }

  /** Sends this picture from now on, or none; agrees on pictures first where the two have not. */
  showPicture(track: MediaStreamTrack | undefined): Promise<void> {
    return this.inTurn(async () => {
      if (!this.sender && track) {
        await this.add(track);
        return;
      }
      await this.sender?.replaceTrack(track ?? null);
      this.sayPicture(track !== undefined);
    });
  }

  /** A step of the other side. */
  async hearStep(iq: Element, jingle: Element): Promise<void> {
    const action = jingle.attrs['action'] ?? '';
    if (action === 'session-terminate') {
      this.line.send(done(iq));
      this.end(jingle.getChild('reason')?.getChildElements()[0]?.getName() ?? '', false);
      return;
    }
    if (action === 'content-add' && this.asked === 'content' && this.role === 'initiator') {
      // XEP-0166, 7.2.16: who began the session has his way.
      this.line.send(refused(iq, 'conflict', 'cancel', 'tie-break'));
      return;
    }
    const act = this.acts[action];
    if (!act) {
      this.line.send(refused(iq, 'feature-not-implemented', 'cancel', 'unsupported-info'));
      return;
    }
    this.line.send(done(iq));
    await this.inTurn(() => act(jingle));
  }

  /** `tell`: the other side is to know. */
  end(reason: string, tell = true): void {
    if (this.over) return;
    this.over = true;
    for (const timer of [this.gathering, this.restarting, this.giving]) clearTimeout(timer);
    if (tell) void this.line.request(terminate(this.between, reason)).catch(() => undefined);
    this.pc.onconnectionstatechange = null;
    this.pc.close();
    this.watcher.state('over', reason);
  }

  /** The network of this device is another one, or is back: what can be reached is looked for anew. */
  renew(): void {
    if (this.agreed && !this.over && this.asked === 'nothing') void this.inTurn(() => this.restart());
  }

  private readonly acts: Record<string, ((jingle: Element) => Promise<void>) | undefined> = {
    'session-accept': async (jingle) => {
      const { sections } = readDescription(jingle, other(this.role));
      this.remoteSetup = sections[0]?.transport.fingerprint?.setup ?? 'active';
      await this.setRemote('answer', this.answered(sections));
      if (!this.remote.some((one) => one.media === 'video' && !one.rejected)) this.sender = undefined;
    },
    'transport-info': async (jingle) => {
      for (const content of contentsOf(jingle)) {
        for (const candidate of readTransport(content)?.candidates ?? []) await this.addCandidate(nameOf(content), candidate);
      }
    },
    'content-add': async (jingle) => {
      const added = readDescription(jingle, other(this.role)).sections.filter((one) => !this.remote.some(({ mid }) => mid === one.mid));
      await this.setRemote('offer', [...this.remote, ...added]);
      for (const transceiver of this.pc.getTransceivers()) {
        if (transceiver.receiver.track.kind !== 'video') continue;
        transceiver.direction = 'sendrecv';
        this.sender ??= transceiver.sender;
      }
      if (this.waiting) await this.sender?.replaceTrack(this.waiting);
      this.waiting = undefined;
      await this.pc.setLocalDescription();
      await this.line.request(more(this.between, 'content-accept', named(this.local(), added.map(({ mid }) => mid)), other(this.role)));
      if (!this.sender?.track) this.sayPicture(false);
    },
    'content-accept': async (jingle) => {
      if (this.asked !== 'content') return;
      this.asked = 'nothing';
      await this.setRemote('answer', [...this.remote, ...readDescription(jingle, other(this.role)).sections]);
    },
    'content-reject': async () => {
      if (this.asked !== 'content') return;
      this.asked = 'nothing';
      this.sender = undefined;
      await this.pc.setLocalDescription({ type: 'rollback' });
    },
    'transport-replace': async (jingle) => {
      // Both began: who called has his way, the other one takes back what it wanted.
      if (this.asked === 'transport' && this.role === 'initiator') return;
      this.asked = 'nothing';
      await this.setRemote('offer', this.withTransports(jingle));
      await this.renewServers();
      await this.pc.setLocalDescription();
      await this.line.request(restart(this.between, 'transport-accept', this.local()));
    },
    'transport-accept': async (jingle) => {
      if (this.asked !== 'transport') return;
      this.asked = 'nothing';
      await this.setRemote('answer', this.withTransports(jingle));
    },
    'session-info': (jingle) => this.hearInfo(jingle),
    'content-modify': async (jingle) => {
      for (const content of contentsOf(jingle)) {
        const senders = content.attrs['senders'];
        if (this.isPicture(nameOf(content))) this.showRemote(senders === undefined || senders === 'both' || senders === other(this.role));
      }
    },
    'content-remove': async (jingle) => {
      if (contentsOf(jingle).some((content) => this.isPicture(nameOf(content)))) this.showRemote(false);
    },
    'description-info': async () => undefined,
    'transport-reject': async () => {
      this.asked = 'nothing';
      await this.pc.setLocalDescription({ type: 'rollback' });
    },
  };

  private async hearInfo(jingle: Element): Promise<void> {
    for (const said of jingle.getChildElements()) {
      if (said.getNS() !== NS.rtpInfo) continue;
      const on = said.getName() === 'unmute' ? true : said.getName() === 'mute' ? false : undefined;
      const name = said.attrs['name'];
      if (on !== undefined && name !== undefined && this.isPicture(name)) this.showRemote(on);
    }
  }

  private readonly isPicture = (mid: string): boolean => this.remote.some((one) => one.mid === mid && one.media === 'video' && !one.rejected);

  private showRemote(on: boolean): void {
    this.mutedPicture = !on;
    this.tellPicture();
  }

  private tellPicture(): void {
    const track = this.media.getVideoTracks()[0];
    this.watcher.picture(track !== undefined && !track.muted && !this.mutedPicture);
  }

  private hear(track: MediaStreamTrack): void {
    this.media.addTrack(track);
    if (track.kind === 'video') {
      track.onmute = track.onunmute = () => this.tellPicture();
      this.tellPicture();
    }
    this.watcher.heard(this.media);
  }

  /** One thing after the other; what fails in a way that cannot go on ends the session. */
  private inTurn(act: () => Promise<void>): Promise<void> {
    this.steps = this.steps.then(async () => {
      if (this.over) return;
      try {
        await act();
      } catch (failure) {
        if (this.over) return;
        console.warn(failure);
        this.end(failure instanceof Unusable ? 'failed-application' : 'general-error');
      }
    });
    return this.steps;
  }

  private local(): Description {
    return parse(this.pc.localDescription?.sdp ?? '');
  }

  /** The other side's whole description, as it stands after a step of it. */
  private async setRemote(type: 'offer' | 'answer', sections: Section[]): Promise<void> {
    const setup = type === 'offer' ? 'actpass' : this.remoteSetup;
    const all = sections.map((one) => {
      const { fingerprint } = one.transport;
      return { ...one, transport: { ...one.transport, fingerprint: fingerprint && { ...fingerprint, setup } } };
    });
    await this.pc.setRemoteDescription({ type, sdp: write({ sections: all, bundle: all.filter((one) => !one.rejected).map((one) => one.mid) }) });
    this.remote = sections;
    const { early } = this;
    this.early = [];
    for (const { mid, candidate } of early) await this.addCandidate(mid, candidate);
  }

  /** An answer in the order in which was offered; what it leaves out is not wanted. */
  private answered(sections: readonly Section[]): Section[] {
    return this.local().sections.map((own) => sections.find((one) => one.mid === own.mid) ?? { ...own, rejected: true });
  }

  /** An answer says which side this one is to DTLS; the other is the opposite. */
  private learnRole(): void {
    const own = this.local().sections[0]?.transport.fingerprint?.setup;
    this.remoteSetup = own === 'passive' ? 'active' : 'passive';
  }

  private async addCandidate(mid: string, candidate: Candidate): Promise<void> {
    if (!this.remote.some((one) => one.mid === mid)) {
      if (this.early.length < 200) this.early.push({ mid, candidate });
      return;
    }
    // One that this browser cannot use, or that came too late, is no reason to end a call.
    await this.pc.addIceCandidate({ candidate: writeCandidate(candidate), sdpMid: mid }).catch(() => undefined);
  }

  private withTransports(jingle: Element): Section[] {
    const told = new Map(contentsOf(jingle).map((content) => [nameOf(content), readTransport(content)] as const));
    return this.remote.map((one) => {
      // Contents that share one transport may be told of once.
      const transport: Transport | undefined = told.get(one.mid) ?? [...told.values()][0];
      if (!transport?.ufrag || !transport.pwd) throw new Unusable('transport');
      return { ...one, transport: { ...transport, fingerprint: transport.fingerprint ?? one.transport.fingerprint } };
    });
  }

  private gather(candidate: RTCIceCandidate): void {
    this.found.push(candidate);
    this.tell();
  }

  /** Tells the addresses that were found, once the other side knows of the session. */
  private tell(): void {
    if (this.gathering !== undefined || !this.agreed) return;
    this.gathering = setTimeout(() => {
      this.gathering = undefined;
      const { found } = this;
      this.found = [];
      const { sections } = this.local();
      for (const section of sections) {
        const own = found.filter((one) => one.sdpMid === section.mid).flatMap((one) => parseCandidate(one.candidate) ?? []);
        if (own.length > 0) void this.line.request(addresses(this.between, section.mid, section.transport, own)).catch(() => undefined);
      }
    }, GATHER_MS);
  }

  /** Pictures in the middle of a call. Where the other side wants them at the same time it is not asked twice. */
  private async add(track: MediaStreamTrack): Promise<void> {
    const before = this.local().sections.map((one) => one.mid);
    const transceiver = this.pc.addTransceiver(track, { direction: 'sendrecv' });
    this.sender = transceiver.sender;
    this.asked = 'content';
    await this.pc.setLocalDescription();
    const all = this.local();
    const added = all.sections.map((one) => one.mid).filter((mid) => !before.includes(mid));
    try {
      await this.line.request(more(this.between, 'content-add', named(all, added), this.role));
    } catch {
      this.asked = 'nothing';
      if (this.pc.signalingState === 'have-local-offer') await this.pc.setLocalDescription({ type: 'rollback' });
      // The other side's own wish comes, and with it a place for this picture.
      await transceiver.sender.replaceTrack(null).catch(() => undefined);
      this.sender = undefined;
      this.waiting = track;
    }
  }

  private sayPicture(on: boolean): void {
    const mid = this.local().sections.find((one) => one.media === 'video')?.mid;
    if (mid !== undefined) void this.line.request(muted(this.between, mid, !on)).catch(() => undefined);
  }

  private watch(): void {
    const state = this.pc.connectionState;
    if (state === 'connected') {
      clearTimeout(this.restarting);
      clearTimeout(this.giving);
      this.restarting = this.giving = undefined;
      this.watcher.state('connected', '');
    } else if (state === 'disconnected' || state === 'failed') {
      this.watcher.state('broken', '');
      this.restarting ??= setTimeout(() => this.tryAgain(), RESTART_AFTER_MS[this.role]);
      this.giving ??= setTimeout(() => this.end('connectivity-error'), GIVE_UP_MS);
    }
  }

  private tryAgain(): void {
    this.restarting = undefined;
    if (this.over || this.pc.connectionState === 'connected') return;
    this.asked = 'nothing';
    void this.inTurn(() => this.restart());
    this.restarting = setTimeout(() => this.tryAgain(), RESTART_AFTER_MS.responder);
  }

  /** Credentials expire in a long call, and relays come and go. */
  private async renewServers(): Promise<void> {
    const late = new Promise<RTCIceServer[]>((resolve) => setTimeout(() => resolve([]), SERVERS_MS));
    const servers = await Promise.race([this.serversNow().catch(() => []), late]);
    if (servers.length > 0 && !this.over) this.pc.setConfiguration(configured(servers));
  }

  /** XEP-0176: new names and secrets for the same media; without a connection to the box it is tried later. */
  private async restart(): Promise<void> {
    if (this.pc.signalingState === 'have-local-offer') await this.pc.setLocalDescription({ type: 'rollback' });
    if (this.pc.signalingState !== 'stable') return;
    await this.renewServers();
    await this.pc.setLocalDescription(await this.pc.createOffer({ iceRestart: true }));
    this.asked = 'transport';
    try {
      await this.line.request(restart(this.between, 'transport-replace', this.local()));
    } catch {
      this.asked = 'nothing';
      await this.pc.setLocalDescription({ type: 'rollback' });
    }
  }
}
