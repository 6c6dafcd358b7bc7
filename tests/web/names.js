'use strict';
// A machine under test has a name that no server of names knows: this process finds it all the same.

const dns = require('node:dns');

/** From here on `name` is at `address`, for everything in this process that connects. */
function resolve(name, address) {
  const usual = dns.lookup;
  dns.lookup = (host, ...rest) => usual(host === name ? address : host, ...rest);
}

module.exports = { resolve };
