// The buttons for a sensor that this phone holds, and what is said of it.

import { by, write } from "./dom.js";

const WITHOUT = "This browser cannot connect to a sensor itself. Chrome and Edge can, at a secure address (https).";

export class Holding {
  #relay;

  // `changed(taken)` is called when the person has taken a sensor, or let it go.
  constructor(relay, changed) {
    this.#relay = relay;
    for (const button of [by("relay-use"), by("use-here")]) {
      button.addEventListener("click", async () => {
        if (await relay.choose()) changed(true);
      });
    }
    by("relay-let-go").addEventListener("click", () => {
      relay.letGo();
      changed(false);
    });
  }

  // `waiting`: no sensor streams, so who has one in hand should find the button at once.
  show(waiting) {
    const relay = this.#relay;
    const words = relay.isWanted && !relay.isPossible ? WITHOUT : relay.words;
    by("relay").hidden = !relay.isPossible;
    by("relay-use").hidden = relay.isHeld;
    by("relay-let-go").hidden = !relay.isHeld;
    write(by("relay-words"), words);
    by("use-here").hidden = !(waiting && relay.isPossible) || relay.isHeld;
    write(by("use-here-words"), waiting ? words : "");
  }
}
