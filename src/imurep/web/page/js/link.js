// The connection to the broker: the only module that knows the MQTT library.
//
// Each connection is a client of its own, so nothing that was asked for while
// the broker was away is sent when nobody expects it any more.

import mqtt from "../vendor/mqtt.esm.js";

export const CONNECTING = "connecting";
export const ONLINE = "online";
export const OFFLINE = "offline";
export const DENIED = "denied";

const FIRST_MS = 250;
const LONGEST_MS = 3000;
const KEEPALIVE_S = 10;
const CONNECT_MS = 8000;

// Reason codes of a CONNACK, MQTT 3.1.1 and 5.
const OTHER_VERSION = new Set([1, 132]);
const WHO_ARE_YOU = new Set([4, 5, 134, 135]);

export class Link {
  #url;
  #credentials = {};
  #version = 5;
  #client = null;
  #again = null;
  #waitMs = FIRST_MS;
  #filters = new Map();
  #watchers = [];

  state = CONNECTING;
  reason = "";

  constructor(url) {
    this.#url = url;
    globalThis.addEventListener("online", () => this.#soon());
    globalThis.addEventListener("offline", () => this.#client?.end(true));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#soon();
    });
  }

  // Tell `watcher` of each change of state.
  watch(watcher) {
    this.#watchers.push(watcher);
  }

  // Hand each message on topics that match `filter` to `handler(topic, bytes, retained)`, on every connection.
  subscribe(filter, handler) {
    this.#filters.set(filter, handler);
    if (this.state === ONLINE) this.#client.subscribe(filter, { qos: 1 });
  }

  open(credentials = {}) {
    this.#credentials = credentials;
    this.#waitMs = FIRST_MS;
    this.#connect();
  }

  // Publish now or not at all; resolves once the broker has it (QoS 1).
  async publish(topic, payload, { qos = 1 } = {}) {
    if (this.state !== ONLINE) throw new Error("not connected");
    await this.#client.publishAsync(topic, payload, { qos });
  }

  #connect() {
    clearTimeout(this.#again);
    this.#client?.removeAllListeners();
    this.#client?.on("error", () => {}); // what it still has to say interests nobody
    this.#client?.end(true);
    this.#tell(CONNECTING, this.reason);
    const client = mqtt.connect(this.#url, {
      ...this.#credentials,
      clientId: `imurep-page-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`,
      protocolVersion: this.#version,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      timerVariant: "native", // the other one is a worker from a blob, which the page's policy forbids
      createWebsocket: (url, protocols) => this.#socket(url, protocols),
    });
    this.#client = client;
    client.on("connect", () => this.#connected(client));
    client.on("message", (topic, payload, packet) => this.#received(topic, payload, packet.retain));
    client.on("error", (error) => this.#refused(error));
    client.on("close", () => this.#closed());
  }

  #socket(url, protocols) {
    const socket = new WebSocket(url, protocols);
    let opened = false;
    socket.addEventListener("open", () => (opened = true));
    socket.addEventListener("close", (event) => {
      if (this.state === ONLINE || this.state === CONNECTING) {
        this.reason = event.reason || (opened ? "the connection ended" : "imurep does not answer");
      }
    });
    return socket;
  }

  // Online is who hears everything, so not before the broker has granted that.
  async #connected(client) {
    this.#waitMs = FIRST_MS;
    try {
      const granted = await client.subscribeAsync([...this.#filters.keys()], { qos: 1 });
      if (granted.some((one) => one.qos >= 128)) throw new Error("not authorized");
      if (client === this.#client && client.connected) this.#tell(ONLINE, "");
    } catch {
      // A connection that was lost meanwhile is told by its close.
      if (client === this.#client && client.connected) this.#deny("this name may not read imurep's topics");
    }
  }

  #received(topic, payload, retained) {
    for (const [filter, handler] of this.#filters) {
      if (matches(filter, topic)) handler(topic, payload, retained);
    }
  }

  #refused(error) {
    if (OTHER_VERSION.has(error.code) && this.#version === 5) {
      this.#version = 4; // MQTT 3.1.1
      this.#connect();
    } else if (WHO_ARE_YOU.has(error.code)) {
      this.#deny(this.#credentials.username ? "wrong name or password" : "");
    }
  }

  #deny(reason) {
    this.#tell(DENIED, reason);
    this.#client.end(true);
  }

  #closed() {
    if (this.state === DENIED) return;
    this.#tell(OFFLINE, this.reason || "the connection ended");
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#connect(), this.#waitMs * (0.5 + Math.random() / 2));
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_MS);
  }

  #soon() {
    if (this.state !== OFFLINE) return;
    this.#waitMs = FIRST_MS;
    this.#connect();
  }

  #tell(state, reason) {
    this.state = state;
    this.reason = reason;
    for (const watcher of this.#watchers) watcher(state, reason);
  }
}

// Whether an MQTT topic filter (with + only) matches a topic.
function matches(filter, topic) {
  const wanted = filter.split("/");
  const given = topic.split("/");
  return wanted.length === given.length && wanted.every((part, at) => part === "+" || part === given[at]);
}
