import { signal } from '@preact/signals';

/** Microphones, cameras and speakers of this device, and which of them a person wants. */
export type Kind = MediaDeviceKind;

const KEPT = 'call-devices';

export const devices = signal<readonly MediaDeviceInfo[]>([]);
export const wanted = signal<Partial<Record<Kind, string>>>(read());

function read(): Partial<Record<Kind, string>> {
  try {
    return (JSON.parse(localStorage.getItem(KEPT) ?? '{}') ?? {}) as Partial<Record<Kind, string>>;
  } catch {
    return {};
  }
}

export function want(kind: Kind, id: string): void {
  wanted.value = { ...wanted.value, [kind]: id || undefined };
  localStorage.setItem(KEPT, JSON.stringify(wanted.value));
}

/** Their names are told only once one of them was allowed. */
export async function listDevices(): Promise<void> {
  devices.value = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
}

navigator.mediaDevices?.addEventListener?.('devicechange', () => void listDevices());

const chosen = (kind: Kind): MediaTrackConstraints => {
  const id = wanted.value[kind];
  return id ? { deviceId: { ideal: id } } : {};
};

/** Why there is neither sound nor picture: nobody allowed it, or there is no such device, or it cannot be used. */
export class NoDevice extends Error {
  constructor(readonly why: 'denied' | 'none' | 'busy') {
    super(why);
    this.name = 'NoDevice';
  }
}

function explained(failure: unknown): NoDevice {
  const name = failure instanceof DOMException ? failure.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return new NoDevice('denied');
  return new NoDevice(name === 'NotFoundError' || name === 'OverconstrainedError' ? 'none' : 'busy');
}

async function open(asked: MediaStreamConstraints): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices?.getUserMedia) throw new NoDevice('none');
  const stream = await navigator.mediaDevices.getUserMedia(asked).catch((failure: unknown) => {
    throw explained(failure);
  });
  void listDevices();
  const [track] = stream.getTracks();
  if (!track) throw new NoDevice('none');
  return track;
}

export const microphone = (): Promise<MediaStreamTrack> => open({ audio: { ...chosen('audioinput'), echoCancellation: true, noiseSuppression: true, autoGainControl: true } });

export async function camera(): Promise<MediaStreamTrack> {
  const track = await open({ video: { ...chosen('videoinput'), width: { ideal: 1280 }, height: { ideal: 720 } } });
  track.contentHint = 'motion';
  return track;
}

/** What the person picks; `undefined`: he thought better of it. */
export async function screen(): Promise<MediaStreamTrack | undefined> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } } });
    const [track] = stream.getVideoTracks();
    if (track) track.contentHint = 'detail';
    return track;
  } catch (failure) {
    const why = explained(failure);
    if (why.why === 'denied') return undefined;
    throw why;
  }
}

export const canShare = (): boolean => typeof navigator.mediaDevices?.getDisplayMedia === 'function';

/** Lets something be heard where the person wants it, in browsers that let one choose. */
export function playOn(element: HTMLMediaElement): void {
  const id = wanted.value.audiooutput;
  const able = element as HTMLMediaElement & { setSinkId?: (id: string) => Promise<void> };
  if (id && able.setSinkId) void able.setSinkId(id).catch(() => undefined);
}

export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;
