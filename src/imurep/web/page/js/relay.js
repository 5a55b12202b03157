// Relays a sensor that this phone holds to the service: docs/reference/relay.md.

import { Held } from "./held.js";
import { ONLINE } from "./link.js";
import { Outbox, nowUs } from "./outbox.js";

const SCHEMA = "imurep.relay/1";
const TICK_MS = 100;
const RECORD_MS = 200; // what comes within this time goes together
const OFFLINE_MS = 2000; // and this, while nobody waits for it
const MOST_ITEMS = 64;
const HEARTBEAT_MS = 1000;
const ANSWER_MS = 5000;
const WITHOUT = "This phone has no Bluetooth, or it is switched off.";

export class Relay {
  #link;
  #topics;
  #sensors;
  #changed;
  #outbox = new Outbox((device, told) => this.#publish(device, told));
  #takenUp = null; // resolves when what an earlier visit left is in the outbox
  #held = null;
  #device = "";
  #sensor = null;
  #session = "";
  #number = 0;
  #turn = 0;
  #record = null; // the one that is open: {items, up, turn, sinceMs}
  #closedMs = 0;
  #answeredMs = 0;
  #steps = [];
  #busy = false;
  #voice = "";
  #did = 0;
  #subscribed = new Set();

  problem = "";
  detail = ""; // what the service says

  // `sensors` is what to look for, from about.json; null: the service wants no phone to hold a sensor.
  constructor(link, topics, sensors, changed) {
    this.#link = link;
    this.#topics = topics;
    this.#sensors = sensors;
    this.#changed = changed;
    if (!this.isPossible) return;
    this.#takenUp = this.#outbox
      .open()
      .then((left) => this.#takeUp(left))
      .catch(() => {}); // damaged storage is no reason to hold no sensor
    link.watch((state) => {
      if (state === ONLINE) this.#outbox.again();
    });
    setInterval(() => this.#tick(), TICK_MS);
    addEventListener("pagehide", () => {
      this.#held?.letGo("the page was closed");
      if (this.#record) this.#close();
    });
  }

  get isPossible() {
    return this.#sensors !== null && "bluetooth" in navigator;
  }

  get isWanted() {
    return this.#sensors !== null;
  }

  get isHeld() {
    return this.#held !== null;
  }

  // Under which name the service tells of the sensor that this phone holds; null: it holds none.
  get label() {
    return this.#held && `${this.#sensor.name} ${this.#sensor.tag}`.trim();
  }

  // One line for people.
  get words() {
    if (this.problem) return this.problem;
    if (!this.#held) return this.#outbox.size ? "What was kept is being sent." : "";
    const name = this.#sensor.name || "The sensor";
    if (!this.#held.isUp) return `${name}: connecting …`;
    if (this.#link.state !== ONLINE) return `${name}: connected. What it sends is kept and sent later.`;
    if (this.detail) return `${name}: ${this.detail}`;
    const unheard = this.#outbox.size > 0 && performance.now() - this.#answeredMs > ANSWER_MS;
    return unheard
      ? `${name}: connected, but imurep does not take it. It is kept.`
      : `${name}: connected. Keep this page open.`;
  }

  // Let the person choose a sensor; to be called from a touch. Resolves to whether they did.
  async choose() {
    this.problem = "";
    try {
      const { filters, services } = this.#sensors;
      const device = await navigator.bluetooth.requestDevice({ filters, optionalServices: services });
      // Sessions go one after the other. The storage may be slow, and the person quick.
      await this.#takenUp;
      this.letGo();
      const tag = tagOf(device.name ?? "");
      this.#sensor = { name: device.name ?? "", tag };
      this.#device = `${slug(device.name ?? "sensor")}-${tag}`;
      this.#session = crypto.randomUUID();
      this.#number = this.#turn = this.#did = 0;
      this.#voice = this.detail = "";
      this.#answeredMs = performance.now();
      this.#listen(this.#device);
      this.#held = new Held(device, (what, more) => this.#happened(what, more));
    } catch (error) {
      // Who closes the list without choosing knows that; without Bluetooth there was no list.
      if (error.name !== "NotFoundError") this.problem = `Bluetooth: ${error.message}`;
      else if (!(await navigator.bluetooth.getAvailability())) this.problem = WITHOUT;
      this.#changed();
      return false;
    }
    this.#changed();
    return true;
  }

  letGo() {
    this.#held?.letGo();
    if (this.#record) this.#close(); // its end belongs to its session, not to the next
    this.#held = null;
    this.#changed();
  }

  // What the sensor does

  #happened(what, more = {}) {
    if (what === "value") {
      this.#note({ what, at_us: nowUs(), ...more });
      return;
    }
    if (what === "failed") this.problem = more.reason;
    if (what === "up" || what === "down") {
      this.problem = "";
      this.#note({ what, at_us: nowUs(), ...more });
      this.#turned();
    }
    this.#changed();
  }

  #turned() {
    this.#turn++;
    this.#steps = [];
  }

  #note(item) {
    this.#open(item.what === "up" ? false : item.what === "down" ? true : this.#held?.isUp === true);
    this.#record.items.push(item);
    this.#closeWhenDue();
  }

  #open(up) {
    this.#record ??= { items: [], up, turn: this.#turn, sinceMs: performance.now() };
  }

  #closeWhenDue() {
    if (!this.#record) return;
    const age = performance.now() - this.#record.sinceMs;
    const due = age >= (this.#link.state === ONLINE ? RECORD_MS : OFFLINE_MS);
    if (due || this.#record.items.length >= MOST_ITEMS) this.#close();
  }

  #close() {
    const { items, up, turn } = this.#record;
    this.#record = null;
    this.#closedMs = performance.now();
    this.#outbox.add(this.#device, {
      schema: SCHEMA,
      session: this.#session,
      number: ++this.#number,
      sensor: { ...this.#sensor, services: this.#held?.services ?? [] },
      up,
      turn,
      items,
      at_us: nowUs(),
    });
  }

  #tick() {
    const quiet = !this.#record && performance.now() - this.#closedMs >= HEARTBEAT_MS;
    if (this.#held && quiet && this.#link.state === ONLINE) {
      this.#open(this.#held.isUp);
      this.#close();
    }
    this.#closeWhenDue();
    this.#outbox.tick();
    this.#changed();
  }

  // What was left by a page that was closed: its sensor is gone with it.
  #takeUp(left) {
    for (const session of new Set(left.map((told) => told.session))) {
      const last = left.findLast((told) => told.session === session);
      const turns = last.items.filter(({ what }) => ["up", "down", "refused"].includes(what));
      const link = turns.findLast(({ what }) => what !== "refused")?.what ?? (last.up ? "up" : "down");
      const device = `${slug(last.sensor.name || "sensor")}-${last.sensor.tag}`;
      this.#listen(device);
      if (link === "down") continue;
      const down = { what: "down", at_us: last.at_us, reason: "the page was closed" };
      const turn = last.turn + turns.length;
      this.#outbox.add(device, { ...last, number: last.number + 1, up: true, turn, items: [down] });
    }
    this.#changed();
  }

  // What the service says

  #listen(device) {
    if (this.#subscribed.has(device)) return;
    this.#subscribed.add(device);
    this.#link.subscribe(this.#topics.rawDown(device), (_topic, payload) => this.#told(payload));
  }

  #publish(device, told) {
    if (this.#link.state !== ONLINE) return false;
    this.#link.publish(this.#topics.rawUp(device), JSON.stringify(told)).catch(() => {}); // sent again
    return true;
  }

  #told(payload) {
    let told;
    try {
      told = JSON.parse(new TextDecoder().decode(payload));
    } catch {
      return;
    }
    if (told?.schema !== SCHEMA || !Array.isArray(told.steps)) return;
    this.#outbox.acknowledged(told.session, told.wanted);
    if (told.session !== this.#session || !this.#held) return;
    this.#answeredMs = performance.now();
    this.detail = String(told.detail ?? "").slice(0, 200);
    if (told.voice !== this.#voice) {
      this.#voice = told.voice;
      this.#did = 0;
      this.#steps = [];
    }
    if (told.turn !== this.#turn) return;
    const newest = this.#steps.at(-1)?.step ?? this.#did;
    this.#steps.push(...told.steps.filter(({ step }) => step > newest));
    this.#work();
  }

  // Steps are done one after the other, each once.
  async #work() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#steps.length) {
      const step = this.#steps.shift();
      const { voice, turn } = { voice: this.#voice, turn: this.#turn };
      this.#did = step.step;
      try {
        await this.#held.carryOut(step);
        this.#note({ what: "done", at_us: nowUs(), voice, step: step.step });
      } catch (error) {
        if (turn === this.#turn && this.#held?.isThere) {
          const problem = String(error.message).slice(0, 200);
          this.#note({ what: "refused", at_us: nowUs(), voice, step: step.step, problem });
          this.#turned();
        }
      }
    }
    this.#busy = false;
  }
}

function slug(name) {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "sensor";
}

// Web Bluetooth hides addresses, and its own id is another one after a reload. So this phone draws a tag for
// each name and keeps it: the same sensor goes on where it was, and another phone's of this name is another.
function tagOf(name) {
  const key = `imurep:tag:${name}`;
  const drawn = crypto.getRandomValues(new Uint16Array(1))[0].toString(16).padStart(4, "0");
  try {
    const tag = localStorage.getItem(key) ?? drawn;
    localStorage.setItem(key, tag);
    return tag;
  } catch {
    return drawn; // a private window: then it lasts as long as the page
  }
}
