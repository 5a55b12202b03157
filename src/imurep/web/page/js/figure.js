// The trunk and legs, seen from the side: leaning as far as the person does, in the time that they take for it.

import { by } from "./dom.js";

// Where the hip is, how far the legs lean, what carries them, and the part of the drawing that is needed.
const POSTURES = {
  standing: { hip: [86, 80], legs: 0, support: "M44 147H166", view: "40 0 130 150" },
  bench_45: { hip: [92, 70], legs: 45, support: "M88 83L58 113M72 99V147M38 147H116", view: "32 0 128 150" },
  bench_90: { hip: [88, 56], legs: 90, support: "M32 67H86M60 67V147M34 147H98", view: "22 12 148 138" },
  floor: { hip: [92, 124], legs: 90, support: "M22 139H178", view: "20 62 160 80" },
};
const POSTURE_OF = {
  back_extension_45: "bench_45",
  back_extension_90: "bench_90",
  floor_back_extension: "floor",
};
const UNTOLD = { top: 8, bottom: 72 };
const USUAL_S = 1.2;
const SETTLING_S = 0.2;

export class Figure {
  #exercises;
  #exercise = null;
  #ends = UNTOLD;

  constructor(exercises) {
    this.#exercises = new Map(exercises.map((one) => [one.name, one]));
    this.pose("unknown");
  }

  pose(exercise) {
    if (exercise === this.#exercise) return;
    this.#exercise = exercise;
    const { hip, legs, support, view } = POSTURES[POSTURE_OF[exercise] ?? "standing"];
    by("support").setAttribute("d", support);
    by("figure").setAttribute("viewBox", view);
    const style = by("figure").style;
    style.setProperty("--hip-x", `${hip[0]}px`);
    style.setProperty("--hip-y", `${hip[1]}px`);
    style.setProperty("--legs", `${legs}deg`);
    const known = this.#exercises.get(exercise);
    this.#ends = known ? { top: middle(known.top_deg), bottom: middle(known.bottom_deg) } : UNTOLD;
    this.show(null, null);
  }

  // Lean to where the phase leads; `rep` is the newest, which knows the person's own ends and pace.
  show(phase, rep) {
    const top = rep?.top ?? this.#ends.top;
    const bottom = rep?.bottom ?? this.#ends.bottom;
    const goesDown = phase === "eccentric" || phase === "bottom_hold";
    const moves = { eccentric: rep?.tempo[0] ?? USUAL_S, concentric: rep?.tempo[2] ?? USUAL_S }[phase];
    const style = by("figure").style;
    style.setProperty("--lean-s", `${moves ?? SETTLING_S}s`);
    style.setProperty("--lean", `${goesDown ? bottom : top}deg`);
  }
}

function middle([low, high]) {
  return (low + high) / 2;
}
