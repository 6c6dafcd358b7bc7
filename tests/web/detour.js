'use strict';
// The way of a browser's media: every address that a page learns of the other side is one of this process, which passes
// packets on, as a NAT does, until it is told to drop what was open by then: as if the device had left that network for good.

const dgram = require('node:dgram');

const HERE = '127.0.0.1';

class Detour {
  static async over(context) {
    const detour = new Detour();
    await context.exposeFunction('__detour', (ip, port) => detour.way(ip, port));
    await context.addInitScript(take);
    return detour;
  }

  constructor() {
    this.sockets = [];
    this.passed = 0;
  }

  /** A port of this machine that leads to an address. */
  async way(ip, port) {
    const ways = new Map();
    const front = this.open();
    front.on('message', (packet, from) => {
      const key = `${from.address}:${from.port}`;
      if (!ways.has(key)) {
        const back = this.open();
        back.on('message', (answer) => front.closed || front.send(answer, from.port, from.address));
        ways.set(key, back);
      }
      const back = ways.get(key);
      this.passed += 1;
      if (!back.closed) back.send(packet, port, ip);
    });
    await new Promise((resolve) => front.bind(0, HERE, resolve));
    return front.address().port;
  }

  open() {
    const socket = dgram.createSocket('udp4');
    socket.on('error', () => undefined);
    socket.on('close', () => { socket.closed = true; });
    this.sockets.push(socket);
    return socket;
  }

  /** What was open is gone; what is learnt from now on works. */
  leave() {
    for (const socket of this.sockets) socket.closed || socket.close();
    this.sockets = [];
  }
}

/** In the page, before its first script. Its connections can be looked at, too. */
function take() {
  const lines = [];
  Object.defineProperty(globalThis, '__lines', { value: lines });
  const CANDIDATE = /candidate:(\S+) (\d+) (\w+) (\d+) (\S+) (\d+) typ .*/u;
  const lead = async (text) => {
    const [, foundation, component, protocol, priority, ip, port] = CANDIDATE.exec(text) ?? [];
    if (!ip || protocol.toLowerCase() !== 'udp' || ip.includes(':')) return undefined;
    return `candidate:${foundation} ${component} udp ${priority} 127.0.0.1 ${await globalThis.__detour(ip, Number(port))} typ host generation 0`;
  };
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      lines.push(this);
    }

    async addIceCandidate(given) {
      const led = await lead(given.candidate);
      if (led) await super.addIceCandidate({ candidate: led, sdpMid: given.sdpMid });
    }

    async setRemoteDescription({ type, sdp }) {
      const led = await Promise.all(sdp.split('\r\n').map(async (line) => {
        if (!line.startsWith('a=candidate:')) return line;
        const one = await lead(line);
        return one && `a=${one}`;
      }));
      await super.setRemoteDescription({ type, sdp: led.filter((line) => line !== undefined).join('\r\n') });
    }
  };
}

module.exports = { Detour };
