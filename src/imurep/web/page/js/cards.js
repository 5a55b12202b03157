// Below the stage: the last rep against its target, the set so far, the set that is done, and those before.

import { by, make, write } from "./dom.js";
import { PHASES } from "./model.js";
import { clock, degrees, kilograms, reps, seconds, tempoText, title } from "./words.js";

// A phase is on tempo within a quarter of its target, and 0.4 s are always allowed.
const NEAR_PART = 0.25;
const NEAR_S = 0.4;

export function compare(is, want) {
  if (is === null || want === null || want === undefined) return null;
  const off = is - want;
  if (Math.abs(off) <= Math.max(NEAR_S, NEAR_PART * want)) return "right";
  return off < 0 ? "short" : "long";
}

const COMPARED = { right: "✓ ", short: "short, ", long: "long, " };

export class Cards {
  #reps = new Map(); // rep id -> its column
  #listed = null; // what the list of sets shows
  #choose;

  // `choose(set)` is called when a set of the list is tapped.
  constructor(choose) {
    this.#choose = choose;
  }

  show(sensor) {
    this.#tempo(sensor);
    this.#set(sensor);
    this.#sets(sensor);
  }

  #tempo(sensor) {
    const rep = sensor?.lastRep ?? null;
    const tempo = sensor?.tempo ?? [null, null, null, null];
    const want = sensor?.plan.tempo ?? null;
    write(by("tempo-range"), degrees(rep?.range ?? null));
    PHASES.forEach((phase, at) => {
      const cell = by("tempo").querySelector(`[data-phase=${phase}]`);
      const verdict = compare(tempo[at], want?.[at]);
      cell.dataset.verdict = verdict ?? "none";
      write(cell.querySelector(".is"), seconds(tempo[at]));
      const word = verdict === null ? "of " : COMPARED[verdict];
      write(cell.querySelector(".want"), want ? `${word}${seconds(want[at])}` : "");
    });
  }

  #set(sensor) {
    const shown = sensor && document.body.dataset.mode !== "waiting" ? [...sensor.reps.values()] : [];
    by("reps-card").hidden = shown.length === 0;
    const widest = Math.max(1, ...shown.map((rep) => rep.range ?? 0));
    for (const [id, column] of this.#reps) {
      if (!sensor?.reps.has(id)) {
        column.remove();
        this.#reps.delete(id);
      }
    }
    shown.forEach((rep, at) => {
      let column = this.#reps.get(rep.id);
      if (!column) {
        column = make("li", {}, make("span", { class: "bar", "aria-hidden": "true" }), make("span", { class: "number", "aria-hidden": "true" }), make("span", { class: "unseen" }));
        this.#reps.set(rep.id, column);
        by("reps").append(column);
        by("reps").scrollLeft = by("reps").scrollWidth;
      }
      const [bar, number, said] = column.children;
      bar.style.setProperty("--part", String((rep.range ?? widest) / widest));
      column.classList.toggle("partial", rep.partial);
      write(number, at + 1);
      const part = rep.partial ? ", partial" : "";
      write(said, `Rep ${at + 1}: ${degrees(rep.range)}${part}${tempoText(rep.tempo) ? `, ${tempoText(rep.tempo)}` : ""}`);
    });
  }

  #sets(sensor) {
    const sets = sensor ? sensor.inOrder.reverse() : [];
    by("sets-card").hidden = sets.length === 0;
    const listed = sets.map((set) => `${set.id}/${set.version}`).join();
    if (listed === this.#listed) return; // a button that is replaced while it is tapped does nothing
    this.#listed = listed;
    const rows = sets.map((set) => {
      const row = make(
        "button",
        { type: "button" },
        make("span", { class: "what" }, title(set.exercise)),
        make("span", { class: "much" }, [reps(set.count), kilograms(set.load)].filter(Boolean).join(", ")),
        make("span", { class: "how" }, [clock(set.started), tempoText(set.tempo), degrees(set.range), set.corrected ? "corrected" : ""].filter(Boolean).join(" · ")),
      );
      row.addEventListener("click", () => this.#choose(set));
      return make("li", {}, row);
    });
    by("sets").replaceChildren(...rows);
  }
}

// The set that was just done, or one that was tapped in the list: "that was 11", "that was a good morning".
export class Done {
  #set = null;
  #said = 0;
  #shown = null; // what the card shows: id, version, and whether the set was tapped
  #tapped = null; // id of the set
  #last = null; // id of the newest set

  // `send(set, {count, exercise}, answer)` corrects one of the two; resolves with whether the service has done so.
  constructor(exercises, send) {
    for (const { name } of exercises) by("was").append(make("option", { value: name }, title(name)));
    by("was").append(make("option", { value: "unknown" }, "Something else"));
    by("was").addEventListener("change", async () => {
      const done = await send(this.#set, { exercise: by("was").value }, by("correct-answer"));
      if (!done) by("was").value = this.#set.exercise;
    });
    by("fewer").addEventListener("click", () => this.#say(this.#said - 1));
    by("more").addEventListener("click", () => this.#say(this.#said + 1));
    by("correct").addEventListener("click", () => send(this.#set, { count: this.#said }, by("correct-answer")));
  }

  // Tapped once it is shown, twice no longer.
  tap(set) {
    this.#tapped = this.#tapped === set.id ? null : set.id;
  }

  show(sensor, atRest) {
    const last = sensor?.lastSet ?? null;
    if (last?.id !== this.#last) this.#tapped = null;
    this.#last = last?.id;
    const tapped = sensor?.inOrder.find((set) => set.id === this.#tapped);
    const set = tapped ?? last;
    by("done").hidden = !set || !(atRest || tapped);
    const shown = set && `${set.id}/${set.version}/${Boolean(tapped)}`;
    if (!set || shown === this.#shown) return;
    if (set.id !== this.#set?.id) write(by("correct-answer"), "");
    this.#set = set;
    this.#shown = shown;
    const words = [title(set.exercise), kilograms(set.load), tempoText(set.tempo), degrees(set.range)];
    write(by("done-title"), `${tapped ? `Set of ${clock(set.started)}` : "Set done"}: ${reps(set.count)}`);
    write(by("done-text"), words.filter(Boolean).join(" · "));
    by("was").value = set.exercise;
    this.#say(set.count);
  }

  #say(count) {
    this.#said = Math.max(0, count);
    write(by("said"), this.#said);
    const changed = this.#set && this.#said !== this.#set.count;
    by("correct").disabled = !changed;
    const words = this.#said === 0 ? "It was no set" : `It was ${this.#said}`;
    write(by("correct"), changed ? words : "Correct it");
  }
}
