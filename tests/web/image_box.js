'use strict';
// A box that runs in a machine of its own: what its screen shows is all that is known of it (tests/image).

const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const tls = require('node:tls');
const { WebBox } = require('./box.js');
const { resolve } = require('./names.js');

const CONNECT_LIMIT_MS = 120_000;

class ImageBox extends WebBox {
  /** `at`: ADDRESS:PORT; `fingerprint`: of its CA, as a person reads it from the screen; `slowness`: how often slower than a box here. */
  static async at(folder, { at, fingerprint, code, slowness }) {
    const [address, port] = at.split(':');
    const { name, authority } = await presented(address, Number(port));
    if (authority.fingerprint256 !== fingerprint) {
      throw new Error(`the CA at ${at} has the fingerprint ${authority.fingerprint256}, the screen of the box says ${fingerprint}`);
    }
    fs.mkdirSync(folder, { recursive: true });
    const box = new ImageBox({ executable: '', folder, https: Number(port), http: 0 });
    Object.assign(box, { name, address, code, slowness, ca: path.join(folder, 'ca.pem') });
    fs.writeFileSync(box.ca, pem(authority.raw));
    https.globalAgent.options.ca = [fs.readFileSync(box.ca, 'utf8')];
    resolve(name, address);
    return box;
  }

  /** As the box writes it into links: on its own machine the port is 443. */
  get origin() {
    return `https://${this.name}`;
  }

  /** What the browser is told beyond the usual. */
  get browserArguments() {
    return [`--host-resolver-rules=MAP ${this.name} ${this.address}:${this.https}`];
  }

  async setupCode() {
    return this.code;
  }

  log() {
    return 'the log of tests/image says more';
  }
}

/** The name in the certificate that is shown there, and the authority that the box sends along. Nothing is trusted yet. */
function presented(host, port) {
  return new Promise((done, fail) => {
    const socket = tls.connect({ host, port, rejectUnauthorized: false, timeout: CONNECT_LIMIT_MS }, () => {
      const own = socket.getPeerCertificate(true);
      socket.destroy();
      const name = /DNS:([^,\s]+)/u.exec(own.subjectaltname ?? '')?.[1];
      const authority = own.issuerCertificate;
      if (!name || !authority?.raw) fail(new Error(`no name or no authority in the certificate at ${host}:${port}`));
      else done({ name, authority });
    });
    socket.on('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer`)));
    socket.on('error', fail);
  });
}

function pem(raw) {
  return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replaceAll(/(.{64})/gu, '$1\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

module.exports = { ImageBox };
