// SCRAM-SHA-256 (RFC 7677) for @xmpp/client, which brings SCRAM-SHA-1 and is given further mechanisms by its factory.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

const HEADER = 'n,,';
const mac = (key, text) => createHmac('sha256', key).update(text).digest();

export class ScramSha256 {
  async response({ username, password }) {
    if (!this.serverFirst) {
      this.password = password;
      this.first = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${randomBytes(18).toString('base64')}`;
      return HEADER + this.first;
    }
    const { r: nonce, s: salt, i: iterations } = this.told;
    const salted = pbkdf2Sync(this.password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
    const clientKey = mac(salted, 'Client Key');
    const withoutProof = `c=${Buffer.from(HEADER).toString('base64')},r=${nonce}`;
    const message = `${this.first},${this.serverFirst},${withoutProof}`;
    const signature = mac(createHash('sha256').update(clientKey).digest(), message);
    this.serverSignature = mac(mac(salted, 'Server Key'), message);
    return `${withoutProof},p=${Buffer.from(clientKey.map((byte, at) => byte ^ signature[at])).toString('base64')}`;
  }

  async challenge(text) {
    this.serverFirst = text;
    this.told = Object.fromEntries(text.split(',').map((part) => [part[0], part.slice(2)]));
    if (!this.told.r.startsWith(this.first.split('r=')[1])) throw new Error('the server answers another nonce');
  }

  async final(text) {
    const told = Buffer.from(text.replace(/^v=/u, ''), 'base64');
    if (!timingSafeEqual(told, this.serverSignature)) throw new Error('the server does not know the password');
  }
}

// As the factory expects them: on the prototype.
Object.assign(ScramSha256.prototype, { Mechanism: ScramSha256, name: 'SCRAM-SHA-256', clientFirst: true });
