// The rest between two sets: what is left of it, and the 3-2-1 before its end.

const FORGOTTEN_MS = 10 * 60 * 1000; // whoever rests for so long does something else

export class Rest {
  #last = null; // whole seconds that were left when it was looked at last
  #over = null; // id of the set after which nobody rests any more

  // Whoever starts the next set has rested enough.
  end(sensor) {
    this.#over = sensor.lastSet?.id ?? null;
  }

  // Milliseconds left (negative: over), or null when nobody rests.
  left(sensor, serviceMs, restS) {
    const set = sensor?.lastSet;
    if (!set || sensor.running || set.id === this.#over) return null;
    const gone = serviceMs - set.ended;
    return gone < FORGOTTEN_MS ? restS * 1000 - gone : null;
  }

  // What to sound now: "tick" at 3, 2 and 1, "go" at the end, null otherwise.
  cue(leftMs) {
    const before = this.#last;
    this.#last = leftMs === null ? null : Math.ceil(leftMs / 1000);
    if (before === null || this.#last === null || this.#last >= before) return null;
    if (this.#last > 0 && this.#last <= 3) return "tick";
    return this.#last <= 0 && before > 0 ? "go" : null;
  }
}
