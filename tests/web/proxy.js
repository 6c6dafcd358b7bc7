'use strict';
// The way from one browser to the box. It can be cut, so that both ends notice, or hang, so that neither does.

const http = require('node:http');
const net = require('node:net');
const { once } = require('node:events');

class Way {
  /** A CONNECT proxy on a port of its own: the browser keeps the box's address, name and certificate. */
  static async to(box) {
    const way = new Way(box);
    way.server = http.createServer((_, answer) => answer.writeHead(405).end());
    way.server.on('connect', (request, socket, head) => way.connect(request, socket, head));
    way.server.listen(0, '127.0.0.1');
    await once(way.server, 'listening');
    return way;
  }

  constructor(box) {
    Object.assign(this, { box, tunnels: new Set(), state: 'open', opened: 0 });
  }

  get address() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  connect(request, socket, head) {
    socket.on('error', () => socket.destroy());
    // Only the box is behind this way; what else a browser asks for by itself gets nowhere.
    if (this.state === 'cut' || Number(request.url.split(':').at(-1)) !== this.box.https) return socket.destroy();
    const onward = net.connect(this.box.https, '127.0.0.1');
    const tunnel = Object.assign([socket, onward], { hangs: this.state === 'hanging' });
    this.tunnels.add(tunnel);
    this.opened += 1;
    const end = () => {
      // An end that the network swallows reaches nobody.
      if (tunnel.hangs) return;
      this.tunnels.delete(tunnel);
      for (const side of tunnel) side.destroy();
    };
    for (const side of tunnel) side.on('error', end).on('close', end);
    onward.once('connect', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      if (!tunnel.hangs) join(socket, onward);
    });
  }

  /** Every connection is reset, and new ones get none, until `open`. */
  cut() {
    this.state = 'cut';
    for (const tunnel of this.tunnels) for (const side of tunnel) side.resetAndDestroy();
    this.tunnels.clear();
  }

  /** Nothing passes any more, and nobody is told. */
  hang() {
    this.state = 'hanging';
    for (const tunnel of this.tunnels) {
      const [socket, onward] = tunnel;
      tunnel.hangs = true;
      socket.unpipe(onward).pause();
      onward.unpipe(socket).pause();
    }
  }

  /** What is open hangs; new connections pass. */
  forget() {
    this.hang();
    this.open();
  }

  /** New connections pass. What hung stays dead, as in life. */
  open() {
    this.state = 'open';
  }

  close() {
    this.cut();
    this.server.close();
  }
}

function join(one, other) {
  one.pipe(other);
  other.pipe(one);
}

module.exports = { Way };
