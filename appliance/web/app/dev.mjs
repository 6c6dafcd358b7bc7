// For work on the pages: builds at each request of the page, serves it with the box's own policy, passes the rest on to a box.
// node dev.mjs [PORT] [https://localhost:8443]
import http from 'node:http';
import https from 'node:https';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const port = Number(process.argv[2] ?? 5173);
const box = new URL(process.argv[3] ?? 'https://localhost:8443');
const out = path.join(here, `dist-dev-${port}`);
const policy = fs.readFileSync(path.join(here, 'policy.txt'), 'utf8').trim();
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' };
const options = { host: box.hostname, port: box.port || 443, rejectUnauthorized: false };

function passOn(request, response) {
  const onward = https.request({ ...options, method: request.method, path: request.url, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.writeHead(502).end());
  request.pipe(onward);
}

function serve(request, response) {
  const address = new URL(request.url, 'http://x').pathname;
  if (address.startsWith('/api/')) return passOn(request, response);
  if (address === '/') spawnSync(process.execPath, [path.join(here, 'build.mjs'), out], { stdio: 'inherit' });
  const file = path.join(out, address === '/' ? 'index.html' : path.normalize(address));
  if (!file.startsWith(out) || !fs.existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy, 'cache-control': 'no-store' });
  return fs.createReadStream(file).pipe(response);
}

const server = http.createServer(serve);
server.on('upgrade', (request, socket, head) => {
  const onward = https.request({ ...options, path: request.url, headers: request.headers });
  onward.on('upgrade', (answer, upstream) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on('error', () => { socket.destroy(); upstream.destroy(); });
  });
  onward.on('error', () => socket.destroy());
  onward.end();
});
server.listen(port, () => console.log(`http://localhost:${port} in front of ${box.origin}`));
