// What the page knows, from what the broker tells: no drawing, no sound, no clock of its own.
//
// Nothing here trusts a payload: what has another form than it should is left out.

export const PHASES = ["eccentric", "bottom_hold", "concentric", "top_hold"]; // the order of a written tempo
const TEMPO_KEYS = PHASES.map((phase) => `${phase}_s`);
const KEPT_SETS = 50;
const LONGEST_TEXT = 200;

export class Sensor {
  constructor(id) {
    this.id = id;
    this.name = id;
    this.link = "searching";
    this.detail = "";
    this.battery = null;
    this.running = false;
    this.phase = null;
    this.exercise = "unknown";
    this.count = 0;
    this.setId = null;
    this.reps = new Map(); // of the set that goes on, by id
    this.sets = new Map(); // newest version of each, by id
    this.plan = { exercise: "unknown", reps: null, tempo: null, load: null };
    this.touched = 0; // when it was heard of last, ms
    this.stopped = null; // when its set ended, ms
  }

  get lastRep() {
    return [...this.reps.values()].at(-1) ?? null;
  }

  // Of each of the four durations the newest that is known, and its rep's range.
  get tempo() {
    const reps = [...this.reps.values()].reverse();
    return TEMPO_KEYS.map((_, at) => reps.find((rep) => rep.tempo[at] !== null)?.tempo[at] ?? null);
  }

  get lastSet() {
    return this.inOrder.at(-1) ?? null;
  }

  get inOrder() {
    return [...this.sets.values()].filter((set) => !set.withdrawn).sort((a, b) => a.started - b.started);
  }
}

export class Model {
  constructor(topics) {
    this.topics = topics;
    this.service = "unknown"; // until the broker has told
    this.problem = "";
    this.sensors = new Map();
  }

  // Take a message in. Returns what happened: {kind, sensor, ...}, or null for nothing new.
  take(topic, payload, retained, now) {
    const said = new TextDecoder().decode(payload);
    const [device, what] = this.topics.parse(topic);
    if (device === "bridge") return this.#bridge(what, said);
    if (said === "") return this.#forget(device, what);
    if (what === "availability") return null; // state tells it, with the reason
    const told = object(said);
    if (told === null) return null;
    const sensor = this.#sensor(device);
    sensor.name = text(told.sensor) || sensor.name;
    if (!retained) sensor.touched = now;
    if (what === "state") return this.#state(sensor, told, retained, now);
    if (what === "config") return this.#config(sensor, told);
    if (what === "event/rep") return this.#rep(sensor, told);
    if (what === "event/set" || what === "last_set") return this.#set(sensor, told, retained);
    return null;
  }

  // Sets that an earlier visit to the page has kept.
  remember(device, sets) {
    const sensor = this.#sensor(device);
    for (const told of sets) {
      const set = setOf(told);
      if (set) sensor.sets.set(set.id, set);
    }
  }

  #sensor(device) {
    let sensor = this.sensors.get(device);
    if (!sensor) {
      sensor = new Sensor(device);
      this.sensors.set(device, sensor);
    }
    return sensor;
  }

  #bridge(what, said) {
    if (what === "state") this.service = said === "online" ? "online" : "offline";
    if (what === "info") this.problem = text(object(said)?.problem);
    return { kind: "service" };
  }

  #forget(device, what) {
    if (what === "state") this.sensors.delete(device);
    return { kind: "forgotten" };
  }

  #state(sensor, told, retained, now) {
    const before = { phase: sensor.phase, running: sensor.running };
    sensor.link = text(told.link) || "searching";
    sensor.detail = text(told.detail);
    sensor.battery = number(told.battery_percent);
    sensor.running = told.set_running === true;
    sensor.phase = sensor.running && PHASES.includes(told.phase) ? told.phase : null;
    sensor.exercise = text(told.exercise) || "unknown";
    sensor.count = number(told.repetitions) ?? sensor.count;
    if (before.running && !sensor.running) sensor.stopped = now;
    return { kind: "state", sensor, before, at: retained ? null : time(told.time) };
  }

  #config(sensor, told) {
    sensor.plan = {
      exercise: text(told.exercise) || "unknown",
      reps: number(told.target_reps),
      tempo: tempo(told.target_tempo_s),
      load: number(told.load_kg),
    };
    return { kind: "config", sensor };
  }

  #rep(sensor, told) {
    const rep = repOf(told);
    if (rep === null) return null;
    if (rep.setId !== sensor.setId) {
      sensor.reps.clear();
      sensor.setId = rep.setId;
      sensor.count = 0;
    }
    const known = sensor.reps.get(rep.id);
    if (known && known.version >= rep.version) return null;
    if (rep.withdrawn) {
      if (sensor.reps.delete(rep.id)) sensor.count = Math.max(0, sensor.count - 1);
      return { kind: "taken back", sensor, rep };
    }
    sensor.reps.set(rep.id, rep);
    const number_ = number(told.number);
    if (!known) {
      sensor.count = number_ ?? Math.max(sensor.count + 1, sensor.reps.size);
      sensor.running = true;
    }
    return { kind: known ? "rep changed" : "rep", sensor, rep };
  }

  #set(sensor, told, retained) {
    const set = setOf(told);
    if (set === null) return null;
    const known = sensor.sets.get(set.id);
    if (known && known.version >= set.version) return null;
    sensor.sets.set(set.id, set);
    for (const old of sensor.inOrder.slice(0, -KEPT_SETS)) sensor.sets.delete(old.id);
    return { kind: "set", sensor, set, first: !known, live: !retained && told.replay !== true };
  }
}

function repOf(told) {
  const id = text(told.id);
  const setId = text(told.set_id);
  const version = number(told.version);
  if (!id || !setId || version === null) return null;
  return {
    id,
    setId,
    version,
    withdrawn: told.state === "withdrawn",
    partial: told.partial === true,
    tempo: TEMPO_KEYS.map((key) => number(told[key])),
    range: number(told.range_of_motion_deg),
    top: number(told.top_inclination_deg),
    bottom: number(told.bottom_inclination_deg),
  };
}

function setOf(told) {
  const id = text(told?.id);
  const version = number(told?.version);
  const started = time(told?.started);
  const ended = time(told?.ended);
  if (!id || version === null || started === null || ended === null) return null;
  return {
    id,
    version,
    started,
    ended,
    withdrawn: told.state === "withdrawn",
    exercise: text(told.exercise) || "unknown",
    count: number(told.repetitions) ?? 0,
    counted: number(told.counted_repetitions),
    corrected: told.corrected === true || told.exercise_corrected === true,
    tempo: TEMPO_KEYS.map((key) => number(told.tempo?.[key])),
    range: number(told.range_of_motion_deg),
    load: number(told.load_kg),
    told, // to keep
  };
}

function object(said) {
  try {
    const value = JSON.parse(said);
    return typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value) {
  return typeof value === "string" ? value.slice(0, LONGEST_TEXT) : "";
}

function time(value) {
  const ms = Date.parse(text(value));
  return Number.isNaN(ms) ? null : ms;
}

function tempo(value) {
  if (!Array.isArray(value) || value.length !== 4) return null;
  const seconds = value.map(number);
  return seconds.includes(null) ? null : seconds;
}
