// The big part of the page: the count, the figure, the time of the phase, or the rest.

import { by, make, write } from "./dom.js";
import { Figure } from "./figure.js";
import { PHASES } from "./model.js";
import { PHASE_WORDS, kilograms, minutes, title } from "./words.js";

const LONGEST_PHASE_S = 99.9;
const MOST_BEADS = 30;

export class Stage {
  #figure;
  #since = null; // when the phase began, ms
  #phase = null;
  #reached = false;
  #sound;

  constructor(exercises, sound) {
    this.#figure = new Figure(exercises);
    this.#sound = sound;
  }

  // A phase began, as far as the newest message tells.
  phase(phase, now) {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#since = phase === null ? null : now;
    this.#reached = false;
  }

  // Show a sensor's state; `mode` is waiting, ready, set or rest.
  show(sensor, mode, waiting) {
    document.body.dataset.mode = mode;
    const exercise = sensor?.plan.exercise !== "unknown" ? sensor?.plan.exercise : sensor.exercise;
    write(by("exercise-title"), title(exercise ?? "unknown"));
    write(by("exercise-load"), kilograms(sensor?.plan.load ?? null));
    this.#figure.pose(mode === "rest" ? "unknown" : (exercise ?? "unknown")); // upright while resting
    this.#figure.show(this.#phase, mode === "set" ? sensor.lastRep : null);
    by("stage").dataset.phase = mode === "set" ? (this.#phase ?? "none") : "none";
    write(by("waiting"), waiting);
    if (mode !== "rest") this.#count(mode === "set" ? sensor.count : 0, sensor?.plan.reps ?? null, mode);
    this.#beads(mode === "set" ? sensor.count : 0, mode === "set" ? sensor.plan.reps : null);
  }

  // `sets` is how many were done today.
  rest(leftMs, sets, count) {
    const over = leftMs < 0;
    write(by("phase"), `After set ${sets}`);
    write(by("hold-time"), count);
    write(by("hold-unit"), count === 1 ? "rep" : "reps");
    write(by("hold-target"), "");
    by("hold-track").hidden = true;
    this.#big(`${over ? "+" : ""}${minutes(Math.abs(leftMs))}`);
    write(by("count-label"), over ? "Rest is over by" : "Rest left");
    write(by("of"), over ? "rest is over" : "rest");
    by("stage").dataset.phase = over ? "over" : "none";
  }

  // Draw the running time; called at each frame of the screen.
  tick(sensor, now) {
    if (document.body.dataset.mode !== "set") return;
    const running = this.#since !== null;
    const elapsed = running ? Math.min((now - this.#since) / 1000, LONGEST_PHASE_S) : 0;
    const target = (running && sensor?.plan.tempo?.[PHASES.indexOf(this.#phase)]) || 0;
    write(by("phase"), running ? PHASE_WORDS[this.#phase] : "");
    write(by("hold-time"), running ? elapsed.toFixed(1) : "");
    write(by("hold-unit"), running ? "s" : "");
    write(by("hold-target"), target ? `of ${target.toFixed(1)} s` : "");
    by("hold-track").hidden = !target;
    by("hold").classList.toggle("reached", target > 0 && elapsed >= target);
    if (!target) return;
    by("hold-fill").style.setProperty("transform", `scaleX(${Math.min(1, elapsed / target)})`);
    if (this.#phase === "top_hold" && elapsed >= target && !this.#reached) {
      this.#reached = true;
      this.#sound.play("target");
    }
  }

  #count(count, target, mode) {
    this.#big(String(count));
    write(by("count-label"), mode === "set" ? "Reps" : "Reps, ready");
    write(by("of"), target ? (mode === "set" ? `of ${target}` : `${target} reps`) : "");
  }

  #big(words) {
    write(by("count"), words);
    by("count").dataset.digits = words.length;
  }

  #beads(count, target) {
    const beads = by("beads");
    const wanted = target ? Math.min(Math.max(target, count), MOST_BEADS) : 0;
    while (beads.childElementCount > wanted) beads.lastChild.remove();
    while (beads.childElementCount < wanted) beads.append(make("li"));
    [...beads.children].forEach((bead, at) => {
      bead.className = at < count ? (at < target ? "done" : "more") : "";
    });
  }
}

