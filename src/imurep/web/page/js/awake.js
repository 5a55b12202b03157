// Keeps the screen on while somebody trains: asked for again whenever the page comes back to the front.

export class Awake {
  #wanted = false;
  #lock = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#ask());
  }

  static get possible() {
    return "wakeLock" in navigator;
  }

  want(wanted) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) this.#ask();
    else this.#lock?.release();
  }

  async #ask() {
    const held = this.#lock && !this.#lock.released;
    if (!this.#wanted || held || !Awake.possible || document.visibilityState !== "visible") return;
    try {
      this.#lock = await navigator.wakeLock.request("screen");
      if (!this.#wanted) this.#lock.release();
    } catch {
      // The battery is low, say: the phone may then refuse.
    }
  }
}
