// Name and password for the broker. They go into MQTT's CONNECT and nowhere else.

import { by, write } from "./dom.js";
import { DENIED, ONLINE } from "./link.js";

export class Login {
  #link;
  #prefs;
  #given = {};

  constructor(link, prefs) {
    this.#link = link;
    this.#prefs = prefs;
    link.watch((state, reason) => this.#told(state, reason));
    by("login").addEventListener("cancel", (event) => event.preventDefault()); // there is nothing behind it
    by("login-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#given = { username: by("login-user").value, password: by("login-password").value };
      by("login-go").disabled = true;
      write(by("login-wrong"), "");
      link.open(this.#given);
    });
    by("sign-out").addEventListener("click", () => {
      prefs.set("stay", null);
      location.reload();
    });
  }

  // First without a name, or with the one that was kept: many brokers at home ask for none.
  begin() {
    this.#given = this.#prefs.get("stay") ?? {};
    this.#link.open(this.#given);
  }

  #told(state, reason) {
    const dialog = by("login");
    if (state === DENIED) {
      by("login-go").disabled = false;
      if (!dialog.open) dialog.showModal();
      write(by("login-wrong"), reason ? `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.` : "");
    } else if (state === ONLINE) {
      by("login-go").disabled = false;
      dialog.close();
      if (by("login-stay").checked) this.#prefs.set("stay", this.#given);
      by("login-password").value = "";
      by("sign-out").hidden = !this.#given.username;
    }
  }
}
