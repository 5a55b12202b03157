// The sheet where one says what is to be done. Each change is a command, shown as saved once the service says so.

import { by, make, write } from "./dom.js";
import { title } from "./words.js";

const TYPING_MS = 600; // whoever steps from 8 to 12 means one change
const TEMPO = ["eccentric", "bottom", "concentric", "top"];

const STEPS = {
  reps: { step: 1, least: 0, most: 100 },
  load: { step: 2.5, least: 0, most: 500 },
  eccentric: { step: 0.5, least: 0, most: 30 },
  bottom: { step: 0.5, least: 0, most: 30 },
  concentric: { step: 0.5, least: 0, most: 30 },
  top: { step: 0.5, least: 0, most: 120 },
  rest: { step: 15, least: 0, most: 900 },
};
const COMMAND_OF = { reps: "target_reps", load: "load_kg" };

export class Plan {
  #send;
  #prefs;
  #exercises;
  #sensor = null;
  #waiting = new Map(); // command -> timer of what was typed last

  // `send(name, value)` sends a command to the sensor that is shown.
  constructor(exercises, prefs, send) {
    this.#exercises = new Map(exercises.map((one) => [one.name, one]));
    this.#prefs = prefs;
    this.#send = send;
    const choice = by("plan-exercise");
    choice.append(make("option", { value: "unknown" }, "Recognise it"));
    for (const { name } of exercises) choice.append(make("option", { value: name }, title(name)));
    choice.addEventListener("change", () => this.#say("exercise", choice.value, 0));
    for (const field of document.querySelectorAll("[data-step]")) this.#stepper(field);
    by("usual-tempo").addEventListener("click", () => this.#usual());
    by("no-tempo").addEventListener("click", () => this.#say("target_tempo", null, 0));
    by("close-plan").addEventListener("click", () => by("plan").close());
    by("plan").addEventListener("click", (event) => {
      if (event.target === by("plan")) by("plan").close(); // beside the sheet
    });
  }

  open() {
    write(by("plan-answer"), "");
    by("plan").showModal();
  }

  // Show what the service has accepted, but not in the field that is being changed.
  show(sensor) {
    this.#sensor = sensor;
    const plan = sensor?.plan;
    if (!plan) return;
    this.#fill("exercise", "plan-exercise", plan.exercise);
    this.#fill("target_reps", "plan-reps", plan.reps ?? "");
    this.#fill("load_kg", "plan-load", plan.load ?? "");
    TEMPO.forEach((name, at) => this.#fill("target_tempo", `plan-${name}`, plan.tempo?.[at] ?? ""));
    by("plan-rest").value = this.#prefs.get("restS");
  }

  #fill(command, id, value) {
    if (!this.#waiting.has(command) && by(id).value !== String(value)) by(id).value = value;
  }

  #stepper(field) {
    const name = field.dataset.step;
    const { step, least, most } = STEPS[name];
    const label = field.querySelector("label").textContent;
    const input = make("input", {
      id: `plan-${name}`, type: "number", inputmode: "decimal", min: least, max: most, step: "any", placeholder: "–",
    });
    const button = (sign, word) => {
      const one = make("button", { type: "button", class: "round", "aria-label": `${label}: ${word}` }, sign > 0 ? "+" : "−");
      one.addEventListener("click", () => {
        const now = Number(input.value || 0) + sign * step;
        input.value = String(Math.min(most, Math.max(least, now)));
        this.#changed(name);
      });
      return one;
    };
    field.append(make("div", { class: "stepper" }, button(-1, "less"), input, button(1, "more")));
    input.addEventListener("change", () => this.#changed(name));
  }

  #changed(name) {
    if (name === "rest") {
      this.#prefs.set("restS", Number(by("plan-rest").value) || 0);
    } else if (TEMPO.includes(name)) {
      this.#say("target_tempo", TEMPO.map((one) => Number(by(`plan-${one}`).value || 0)));
    } else {
      this.#say(COMMAND_OF[name], Number(by(`plan-${name}`).value) || null);
    }
  }

  #usual() {
    const exercise = this.#sensor?.plan.exercise !== "unknown" ? this.#sensor?.plan.exercise : this.#sensor.exercise;
    const usual = this.#exercises.get(exercise)?.target_tempo_s;
    if (usual) this.#say("target_tempo", usual, 0);
    else write(by("plan-answer"), "Choose an exercise first.");
  }

  #say(command, value, afterMs = TYPING_MS) {
    clearTimeout(this.#waiting.get(command));
    const answer = by("plan-answer");
    answer.dataset.how = "busy";
    write(answer, "Saving …");
    this.#waiting.set(command, setTimeout(async () => {
      try {
        await this.#send(command, value);
        answer.dataset.how = "good";
        write(answer, "Saved ✓");
      } catch (error) {
        answer.dataset.how = "bad";
        write(answer, error.message);
      } finally {
        this.#waiting.delete(command);
        this.show(this.#sensor);
      }
    }, afterMs));
  }
}
