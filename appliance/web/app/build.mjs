// Builds the browser application into one folder: hashed assets, a page, a service worker, each compressed ahead of time.
import { build } from 'esbuild';
import { brotliCompressSync, constants } from 'node:zlib';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, 'dist'));
/** What the first page may load, compressed (code, style and page together). */
const FIRST_LOAD_LIMIT_BYTES = 150_000;
const { version: release } = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));
/** Not the page itself: auditors take any compressed page for open to BREACH, and it is small. */
const COMPRESSED = new Set(['.js', '.css', '.svg', '.webmanifest', '.txt']);

const shared = {
  absWorkingDir: here,
  bundle: true,
  format: 'esm',
  target: ['chrome109', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis', APP_VERSION: JSON.stringify(release) },
};

/** Code and styles, split so that a page loads what it needs. */
async function assets() {
  const result = await build({
    ...shared,
    entryPoints: { app: 'src/main.tsx' },
    outdir: path.join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    splitting: true,
    metafile: true,
    write: false,
  });
  const files = new Map(result.outputFiles.map((file) => [path.relative(out, file.path), Buffer.from(file.contents)]));
  return { outputs: result.metafile.outputs, files };
}

function entries(outputs) {
  const [script, made] = Object.entries(outputs).find(([, output]) => output.entryPoint === 'src/main.tsx');
  return { script: path.basename(script), style: path.basename(made.cssBundle) };
}

/** The script and everything that it imports without being asked to. */
function firstLoad(outputs, script) {
  const wanted = [Object.keys(outputs).find((name) => path.basename(name) === script)];
  for (const name of wanted) {
    const also = outputs[name].imports.filter((one) => one.kind === 'import-statement').map((one) => one.path);
    wanted.push(...also.filter((one) => !wanted.includes(one)));
  }
  return wanted.map((name) => path.basename(name));
}

function page({ script, style }, preloads) {
  const links = preloads.filter((name) => name !== script).map((name) => `<link rel="modulepreload" href="/assets/${name}">`);
  const text = fs.readFileSync(path.join(here, 'public/index.html'), 'utf8');
  return text.replace('%SCRIPT%', script).replace('%STYLE%', style).replace('%PRELOADS%', links.join(''));
}

/** The list that the service worker keeps for times without a network; its name changes with its content. */
async function worker(kept) {
  const files = ['/', ...[...kept.keys()].filter((name) => name !== 'index.html').map((name) => `/${name}`)];
  const hash = createHash('sha256');
  for (const [name, content] of kept) hash.update(`${name}\0${content.length}\0`).update(content);
  const version = hash.digest('hex').slice(0, 16);
  const result = await build({
    ...shared,
    format: 'iife',
    entryPoints: { sw: 'src/worker/sw.ts' },
    outdir: out,
    write: false,
    define: { ...shared.define, FILES: JSON.stringify(files), VERSION: JSON.stringify(version) },
  });
  return Buffer.from(result.outputFiles[0].contents);
}

/** The licences of other people's code in the bundle, as they ask for it. */
function licences(outputs) {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const packages = new Set(inputs.map((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(name)?.[1]).filter(Boolean));
  const texts = [...packages].sort().map((name) => {
    const folder = path.join(here, 'node_modules', name);
    const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = fs.readdirSync(folder).find((one) => /^licen[cs]e/iu.test(one));
    return `${name} ${version} (${license})\n\n${file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : ''}\n`;
  });
  return Buffer.from(texts.join(`\n${'-'.repeat(72)}\n\n`));
}

/** Everything that is to stand in the folder: name to content, with a compressed twin where that is smaller. */
function compressed(made) {
  const whole = new Map(made);
  for (const [name, content] of made) {
    if (!COMPRESSED.has(path.extname(name))) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    whole.set(`${name}.br`, brotliCompressSync(content, { params }));
  }
  return whole;
}

function filesIn(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const whole = path.join(folder, entry.name);
    return entry.isDirectory() ? filesIn(whole) : [whole];
  });
}

/** What has not changed is not touched, so that nothing is built again for it. */
function put(made) {
  for (const file of filesIn(out)) if (!made.has(path.relative(out, file))) fs.rmSync(file);
  for (const [name, content] of made) {
    const file = path.join(out, name);
    if (fs.existsSync(file) && fs.readFileSync(file).equals(content)) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
}

const { outputs, files } = await assets();
const entry = entries(outputs);
const first = firstLoad(outputs, entry.script);
const made = new Map(files);
for (const name of fs.readdirSync(path.join(here, 'public'))) {
  if (name !== 'index.html') made.set(name, fs.readFileSync(path.join(here, 'public', name)));
}
made.set('licences.txt', licences(outputs));
made.set('index.html', Buffer.from(page(entry, first)));
made.set('sw.js', await worker(made));
const whole = compressed(made);

const size = (name) => (whole.get(`${name}.br`) ?? whole.get(name)).length;
const bytes = ['index.html', `assets/${entry.style}`, ...first.map((name) => `assets/${name}`)].reduce((sum, name) => sum + size(name), 0);
const all = [...made.keys()].reduce((sum, name) => sum + size(name), 0);
put(whole);
console.log(`web: first load ${(bytes / 1000).toFixed(1)} kB compressed (limit ${FIRST_LOAD_LIMIT_BYTES / 1000}), everything ${(all / 1000).toFixed(1)} kB`);
if (bytes > FIRST_LOAD_LIMIT_BYTES) {
  console.error('web: the first load is over its limit');
  process.exit(1);
}
