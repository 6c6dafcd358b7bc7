'use strict';
// What a browser sends in a call, made here so that whoever gets it can tell whose it is: a bar that moves over a ground of
// one colour, and one tone. And which ways its calls may take.

/** Widths of the picture that the bar moves in a second. */
const BAR_SPEED = 0.25;

/** `colour` is a CSS colour, `hertz` the tone. Before the first page of the context. */
async function make(context, { colour, hertz }) {
  await context.addInitScript(take, { colour, hertz, speed: BAR_SPEED });
}

/**
 * Which way the calls that begin from now on take. "any"; "relay": as behind a firewall that lets only the box through;
 * "tls": that lets no UDP through to the box either, as nobody answers at the address of the relay (RFC 5737).
 */
const allow = (seat, ways) => seat.page.evaluate((now) => { globalThis.__ways = now; }, ways);

/** In the page, before its first script. Its connections can be looked at, too. */
function take({ colour, hertz, speed }) {
  const lines = [];
  Object.defineProperty(globalThis, '__lines', { value: lines });
  const narrowed = (given) => {
    if ((globalThis.__ways ?? 'any') === 'any') return given;
    const unreached = (server) => ({ ...server, urls: server.urls.replace(/^(stun|turn):[^:?]+/u, '$1:192.0.2.199') });
    const iceServers = globalThis.__ways === 'tls' ? given.iceServers.map(unreached) : given.iceServers;
    return { ...given, iceServers, iceTransportPolicy: 'relay' };
  };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(given) {
      super(narrowed(given));
      lines.push(this);
    }

    setConfiguration(given) {
      super.setConfiguration(narrowed(given));
    }
  };

  const pictures = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const paint = canvas.getContext('2d');
    const timer = setInterval(() => {
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 320, 240);
      paint.fillStyle = 'white';
      const at = (((performance.now() / 1000) * speed) % 1) * 320;
      for (const x of [at, at - 320]) paint.fillRect(x, 0, 40, 240);
    }, 50);
    const [track] = canvas.captureStream(20).getVideoTracks();
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    return track;
  };
  const tone = () => {
    const context = new AudioContext();
    const [source, loudness, out] = [context.createOscillator(), context.createGain(), context.createMediaStreamDestination()];
    source.frequency.value = hertz;
    loudness.gain.value = 0.3;
    source.connect(loudness).connect(out);
    source.start();
    void context.resume();
    return out.stream.getAudioTracks()[0];
  };
  MediaDevices.prototype.getUserMedia = async ({ audio, video }) => new MediaStream([...(audio ? [tone()] : []), ...(video ? [pictures()] : [])]);
}

module.exports = { BAR_SPEED, allow, make };
