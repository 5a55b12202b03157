// What this phone remembers: settings of its own, and the last sets, so that they are there without a broker.

const SETS_FOR_MS = 12 * 3600 * 1000;

const DEFAULTS = { sound: "off", theme: "auto", restS: 90, sensor: null, stay: null, sets: {} };

export class Prefs {
  #key;
  #kept;

  constructor(root) {
    this.#key = `imurep:${root}`;
    try {
      this.#kept = { ...DEFAULTS, ...JSON.parse(localStorage.getItem(this.#key) ?? "{}") };
    } catch {
      this.#kept = { ...DEFAULTS };
    }
  }

  get(name) {
    return this.#kept[name];
  }

  set(name, value) {
    this.#kept[name] = value;
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // A private window or a full disk: then it lasts as long as the page.
    }
  }

  keepSets(sensor) {
    this.set("sets", { ...this.#kept.sets, [sensor.id]: sensor.inOrder.map((set) => set.told) });
  }

  sets(now) {
    const young = (told) => now - Date.parse(told.ended) < SETS_FOR_MS;
    return Object.entries(this.#kept.sets).map(([device, sets]) => [device, sets.filter(young)]);
  }
}
