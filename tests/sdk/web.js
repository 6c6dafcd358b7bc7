'use strict';
// Plain HTTPS beside the SDK: what an administrator does, and what the server says when no client is there.

const https = require('node:https');

/** One request; `body` is sent as JSON. Answers {status, body}. */
function request(box, method, path, headers = {}, body = undefined) {
  const text = body === undefined ? '' : JSON.stringify(body);
  const all = { ...headers, ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) };
  return new Promise((resolve, reject) => {
    const call = https.request({ host: box.name, port: box.https, method, path, headers: all, timeout: 20_000 * (box.slowness ?? 1) }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, body: parse(Buffer.concat(parts).toString()) }));
    });
    call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer`)));
    call.on('error', reject);
    call.end(text);
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A sign-in of its own: {token, user, call(method, path, body)}. */
async function signIn(box, person) {
  const basic = Buffer.from(`${person.email}:${person.password}`).toString('base64');
  const { status, body } = await request(box, 'GET', '/api/rainbow/authentication/v1.0/login', { authorization: `Basic ${basic}` });
  if (status !== 200) throw new Error(`${person.email} cannot sign in: ${status} ${JSON.stringify(body)}`);
  const headers = { authorization: `Bearer ${body.token}` };
  return { token: body.token, user: body.loggedInUser, call: (method, path, sent) => request(box, method, path, headers, sent) };
}

const kept = new Map();

/** The one sign-in that steps share for a look through another door: a person has so many sessions, then the oldest ends. */
async function otherSignIn(box, person) {
  if (!kept.has(person.email)) kept.set(person.email, await signIn(box, person));
  return kept.get(person.email);
}

module.exports = { otherSignIn, request, signIn };
