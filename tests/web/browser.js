'use strict';
// Debian's Chromium, which trusts the box's own certificate authority and nothing else that this machine would not.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { Watch } = require('./watch.js');
const { Way } = require('./proxy.js');

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // Microphone, camera and screen are made up, and allowed to who asks; the other end may be on this machine.
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns',
];
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
/** The least that the application is made for. */
const SMALLEST = { width: 360, height: 640 };
/** For one look or one click, on a machine that is busy with other things; steps have their own limits. */
const PATIENCE_MS = 30_000;

class Browser {
  /** `box` has been started once: its certificate authority exists. `house`: where in a town the browser runs. */
  static async at(box, folder, house) {
    const home = path.join(folder, 'home');
    trust(home, box.ca);
    const program = PROGRAMS.find((one) => fs.existsSync(one));
    if (!program) throw new Error(`no Chromium: none of ${PROGRAMS.join(', ')}`);
    const environment = { ...process.env, HOME: home, XDG_CONFIG_HOME: path.join(home, 'config'), XDG_CACHE_HOME: path.join(home, 'cache') };
    const engine = await chromium.launch({ executablePath: house ? house.program(program) : program, args: [...ARGUMENTS, ...(box.browserArguments ?? [])], env: environment });
    return new Browser(box, engine);
  }

  constructor(box, engine) {
    Object.assign(this, { box, engine, seats: [] });
  }

  /**
   * Somebody's own browser: nothing is shared with another's. `way`: through a proxy that can be cut.
   * `size`: "desktop" or "phone"; `theme`: "light" or "dark"; `locale`: what the browser asks for.
   */
  async seat(name, { way = false, size = 'desktop', theme = 'light', locale = 'en-GB', ...more } = {}) {
    const road = way ? await Way.to(this.box) : undefined;
    const context = await this.engine.newContext({
      baseURL: this.box.origin,
      viewport: SIZES[size],
      colorScheme: theme,
      locale,
      timezoneId: 'Europe/Paris',
      reducedMotion: 'reduce',
      ...(size === 'phone' && { hasTouch: true, isMobile: true, deviceScaleFactor: 2 }),
      ...(road && { proxy: { server: road.address, bypass: '<-loopback>' } }),
      ...more,
    });
    const patience_ms = PATIENCE_MS * (this.box.slowness ?? 1);
    context.setDefaultTimeout(patience_ms);
    context.setDefaultNavigationTimeout(patience_ms);
    const watch = await Watch.over(context, name);
    const seat = { name, context, watch, way: road, page: await context.newPage() };
    this.seats.push(seat);
    return seat;
  }

  async leave(seat) {
    this.seats = this.seats.filter((one) => one !== seat);
    await seat.context.close();
    seat.way?.close();
  }

  async leaveAll() {
    for (const seat of [...this.seats]) await this.leave(seat);
  }

  async close() {
    await this.leaveAll();
    await this.engine.close();
  }
}

/** A database of NSS, which Chromium reads below its home. */
function trust(home, ca) {
  const folder = path.join(home, '.pki/nssdb');
  fs.mkdirSync(folder, { recursive: true });
  const certutil = (...words) => execFileSync('certutil', ['-d', `sql:${folder}`, ...words], { stdio: 'pipe' });
  certutil('-N', '--empty-password');
  certutil('-A', '-t', 'C,,', '-n', 'box', '-i', ca);
}

module.exports = { Browser, SIZES, SMALLEST };
