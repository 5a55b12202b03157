// The service's clock, as far as the page can tell: times in messages are read by it.

const REMEMBERED = 8;

export class ServiceClock {
  #ahead = []; // how much later our clock was when messages came, newest last

  // A live message says what time it was when it was sent.
  heard(serviceMs, ownMs) {
    this.#ahead.push(ownMs - serviceMs);
    if (this.#ahead.length > REMEMBERED) this.#ahead.shift();
  }

  // The service's time at one of ours. The quickest message knows best; before any, both clocks are taken as one.
  at(ownMs) {
    return this.#ahead.length ? ownMs - Math.min(...this.#ahead) : ownMs;
  }
}
