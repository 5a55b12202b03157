// A sensor that this phone holds, over Web Bluetooth: connected for as long as it is wanted, steps carried out.
//
// Nothing here knows what the bytes mean: the service says what to do, by characteristic.

const CONNECT_MS = 20_000;
const STEP_MS = 10_000; // a sensor that takes longer to answer is as good as gone
const FIRST_MS = 500;
const LONGEST_MS = 15_000; // between attempts; also how long a connection has to last to count as a good one

export class Held {
  #device;
  #note;
  #characteristics = new Map();
  #subscribed = new Set();
  #wanted = true;
  #waitMs = FIRST_MS;
  #upMs = 0; // when it was connected
  #again = null;

  services = [];
  isUp = false;

  // `note(what, more)` hears of everything that happens.
  constructor(device, note) {
    this.#device = device;
    this.#note = note;
    device.addEventListener("gattserverdisconnected", () => this.#down("the sensor was lost"));
    this.#connect();
  }

  // Whether it still answers, as far as the browser knows.
  get isThere() {
    return this.#device.gatt.connected;
  }

  // Carry out a step. Rejects with an Error when the sensor refuses, or is gone.
  async carryOut(step) {
    if (step.do === "hang_up") {
      this.#wanted = step.again;
      this.#disconnect("disconnected");
      return;
    }
    const characteristic = this.#characteristics.get(step.characteristic);
    if (!characteristic) throw new Error("the sensor has no such characteristic");
    try {
      await within(STEP_MS, this.#asked(characteristic, step));
    } catch (error) {
      if (error.name === "TimeoutError") this.#disconnect("the sensor does not answer");
      throw error;
    }
  }

  // Let it go for good.
  letGo(reason = "let go") {
    this.#wanted = false;
    clearTimeout(this.#again);
    this.#disconnect(reason);
  }

  async #asked(characteristic, step) {
    if (step.do === "subscribe") {
      await characteristic.startNotifications();
      this.#subscribed.add(step.characteristic);
    } else if (step.do === "read") {
      await characteristic.readValue(); // its value comes as an event, like a notification
    } else if (step.do === "write") {
      const value = Uint8Array.from(atob(step.value), (letter) => letter.charCodeAt(0));
      if (step.response) await characteristic.writeValueWithResponse(value);
      else await characteristic.writeValueWithoutResponse(value);
    } else {
      throw new Error("the page does not know this step; reload it");
    }
  }

  async #connect() {
    this.#note("connecting");
    try {
      await within(CONNECT_MS, this.#discover());
    } catch (error) {
      this.#device.gatt.disconnect();
      this.#note("failed", { reason: error.message });
      this.#soon();
      return;
    }
    this.isUp = true;
    this.#upMs = performance.now();
    this.#note("up");
    // What was subscribed to is so again at once: while the network is away nobody else could ask for it.
    for (const uuid of this.#subscribed) this.#characteristics.get(uuid)?.startNotifications().catch(() => {});
  }

  async #discover() {
    const server = await this.#device.gatt.connect();
    const services = await server.getPrimaryServices();
    const found = new Map();
    for (const service of services) {
      for (const characteristic of await service.getCharacteristics()) {
        characteristic.addEventListener("characteristicvaluechanged", (event) => this.#came(event.target));
        found.set(characteristic.uuid, characteristic);
      }
    }
    if (!server.connected) throw new Error("the sensor was lost");
    this.services = services.map((service) => service.uuid);
    this.#characteristics = found;
  }

  #came(characteristic) {
    const { buffer, byteOffset, byteLength } = characteristic.value;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#note("value", { characteristic: characteristic.uuid, value: btoa(String.fromCharCode(...bytes)) });
  }

  #disconnect(reason) {
    this.#down(reason);
    this.#device.gatt.disconnect();
  }

  #down(reason) {
    if (!this.isUp) return;
    this.isUp = false;
    if (performance.now() - this.#upMs > LONGEST_MS) this.#waitMs = FIRST_MS;
    this.#note("down", { reason });
    this.#soon();
  }

  #soon() {
    if (!this.#wanted) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#connect(), this.#waitMs * (0.5 + Math.random() / 2));
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_MS);
  }
}

function within(ms, promise) {
  let late;
  const over = new Promise((_, reject) => {
    late = setTimeout(() => reject(new DOMException("the sensor does not answer", "TimeoutError")), ms);
  });
  return Promise.race([promise, over]).finally(() => clearTimeout(late));
}
