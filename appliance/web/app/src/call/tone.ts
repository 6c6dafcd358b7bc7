/** Sounds that are made and not loaded: ringing here, ringing there, and a test of the speaker. */

type Pattern = readonly (readonly [hertz: number, fromS: number, forS: number])[];

const PATTERNS = {
  /** Somebody calls. */
  ring: [[660, 0, 0.35], [880, 0.4, 0.35], [660, 0.8, 0.35]],
  /** It rings at the other end. */
  back: [[440, 0, 1]],
  test: [[523, 0, 0.25], [659, 0.3, 0.25], [784, 0.6, 0.5]],
} as const satisfies Record<string, Pattern>;
const EVERY_MS = { ring: 2_500, back: 4_000 };
const LOUDNESS = 0.12;
const EDGE_S = 0.02;

let opened: AudioContext | undefined;

/** One for all sounds; it stays silent until somebody has touched the page. */
function awake(): AudioContext {
  opened ??= new AudioContext();
  void opened.resume().catch(() => undefined);
  return opened;
}

function play(pattern: Pattern, into: AudioNode, within: AudioContext): void {
  for (const [hertz, fromS, forS] of pattern) {
    const [tone, edge, at] = [within.createOscillator(), within.createGain(), within.currentTime + fromS];
    tone.frequency.value = hertz;
    edge.gain.setValueAtTime(0, at);
    edge.gain.linearRampToValueAtTime(LOUDNESS, at + EDGE_S);
    edge.gain.setValueAtTime(LOUDNESS, at + forS - EDGE_S);
    edge.gain.linearRampToValueAtTime(0, at + forS);
    tone.connect(edge).connect(into);
    tone.start(at);
    tone.stop(at + forS);
  }
}

/** Sounds again and again until what it answers is called. A browser that nobody has touched yet stays silent. */
export function sound(which: 'ring' | 'back'): () => void {
  const within = awake();
  const out = within.createGain();
  out.connect(within.destination);
  const once = () => within.state === 'running' && play(PATTERNS[which], out, within);
  once();
  const again = setInterval(once, EVERY_MS[which]);
  return () => {
    clearInterval(again);
    out.disconnect();
  };
}

/** A short melody as something that a speaker can be chosen for. */
export function melody(): MediaStream {
  const context = awake();
  const out = context.createMediaStreamDestination();
  play(PATTERNS.test, out, context);
  return out.stream;
}

/** How loud a track is, from 0 to 1, told some ten times a second until what it answers is called. */
export function level(of: MediaStreamTrack, tell: (level: number) => void): () => void {
  const context = awake();
  const [source, listener] = [context.createMediaStreamSource(new MediaStream([of])), context.createAnalyser()];
  listener.fftSize = 512;
  source.connect(listener);
  const samples = new Float32Array(listener.fftSize);
  const timer = setInterval(() => {
    listener.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    tell(Math.min(1, Math.sqrt(power) * 4));
  }, 100);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}
