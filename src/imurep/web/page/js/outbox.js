// What was noted of a sensor, until the service has it: numbered, in order, kept through outages and reloads.
//
// docs/reference/relay.md has the rules. What is here is also in IndexedDB, so
// that a page that is closed in a cellar sends the rest when it is opened again.

const DATABASE = "imurep-relay";
const STORE = "records";
const WINDOW = 8; // records on their way
const AGAIN_MS = 2000; // without anything acknowledged, all is sent again
const MOST = 20_000; // over an hour at five a second; older ones are given up
const OLDEST_US = 24 * 3600 * 1e6;

// The phone's clock: microseconds that go on evenly, and are the same after a reload.
export function nowUs() {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

export class Outbox {
  #send;
  #records = []; // {key, device, told}
  #pointer = 0; // of the next one to be sent
  #progressMs = 0;
  #key = 0;
  #database = null;

  constructor(send) {
    this.#send = send;
  }

  get size() {
    return this.#records.length;
  }

  // Take up what an earlier visit has left; gives those records.
  async open() {
    try {
      this.#database = await opened();
      const left = await done(this.#store("readonly").getAll());
      const young = left.filter((record) => nowUs() - record.told.at_us < OLDEST_US);
      for (const record of left) if (!young.includes(record)) this.#forget(record);
      this.#records.unshift(...young);
      this.#key = left.at(-1)?.key ?? 0; // what comes now is behind it, even where the phone's clock was set back
      this.#pointer = 0;
    } catch {
      this.#database = null; // a private window, say: then records last as long as the page
    }
    return this.#records.map((record) => record.told);
  }

  add(device, told) {
    this.#key = Math.max(this.#key + 1, nowUs());
    const record = { key: this.#key, device, told };
    this.#records.push(record);
    this.#keep(record);
    if (this.#records.length > MOST) {
      this.#forget(this.#records.shift());
      this.#pointer = Math.max(0, this.#pointer - 1);
    }
    this.#some();
  }

  // The service has all of a session before the record that it waits for.
  acknowledged(session, wanted) {
    const has = ({ told }) => told.session === session && told.number < wanted;
    const gone = this.#records.filter(has);
    if (!gone.length) return;
    this.#pointer = Math.max(0, this.#pointer - gone.length);
    this.#records = this.#records.filter((record) => !has(record));
    for (const record of gone) this.#forget(record);
    this.#progressMs = performance.now();
    this.#some();
  }

  // A new connection: nobody knows what became of what was on its way.
  again() {
    this.#pointer = 0;
    this.#progressMs = performance.now();
    this.#some();
  }

  tick() {
    if (this.#pointer && performance.now() - this.#progressMs > AGAIN_MS) this.again();
    else this.#some();
  }

  #some() {
    if (this.#pointer === 0) this.#progressMs = performance.now();
    while (this.#pointer < Math.min(WINDOW, this.#records.length)) {
      const { device, told } = this.#records[this.#pointer];
      const oldest = this.#records.find((one) => one.told.session === told.session).told.number;
      if (!this.#send(device, { ...told, oldest, sent_us: nowUs() })) return;
      this.#pointer++;
    }
  }

  #store(mode) {
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }

  #keep(record) {
    if (this.#database) this.#store("readwrite").put(record);
  }

  #forget(record) {
    if (this.#database) this.#store("readwrite").delete(record.key);
  }
}

function opened() {
  const asked = indexedDB.open(DATABASE, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
  return done(asked);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
