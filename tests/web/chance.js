'use strict';
// Chance that can be played again: xorshift32 from a seed that every run prints.

class Chance {
  constructor(seed) {
    this.state = seed >>> 0 || 1;
  }

  /** 0 to 2^32 - 1. */
  number() {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }

  below(end) {
    return this.number() % end;
  }

  one(list) {
    return list[this.below(list.length)];
  }

  some(list, count) {
    return Array.from({ length: count }, () => this.one(list));
  }
}

module.exports = { Chance };
