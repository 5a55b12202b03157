// The buttons for a sensor that this phone holds, and what is said of it.

import { by, write } from "./dom.js";

const WITHOUT =
  "This browser cannot hold a sensor itself: that takes Web Bluetooth, in Chrome or Edge and at a secure address " +
  "(https). With a sensor that imurep reads elsewhere all the rest works.";

export class Holding {
  #relay;

  // `taken` is called when the person has chosen a sensor.
  constructor(relay, taken) {
    this.#relay = relay;
    by("relay-use").addEventListener("click", async () => {
      if (await relay.choose()) taken();
    });
    by("relay-let-go").addEventListener("click", () => relay.letGo());
  }

  show() {
    const relay = this.#relay;
    by("relay").hidden = !relay.isPossible;
    by("relay-use").hidden = relay.isHeld;
    by("relay-let-go").hidden = !relay.isHeld;
    write(by("relay-words"), relay.isWanted && !relay.isPossible ? WITHOUT : relay.words);
  }
}
