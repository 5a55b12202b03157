// How numbers, times and names are written for people.

export const PHASE_WORDS = { eccentric: "Lower", bottom_hold: "Pause", concentric: "Lift", top_hold: "Hold" };

export const LINK_WORDS = {
  searching: "looking for it",
  connecting: "connecting",
  streaming: "connected",
  lost: "out of reach",
  stopped: "stopped",
};

let titles = new Map();

// Learn the exercises' names: about.json has them, so the page cannot know others than the service.
export function learn(exercises) {
  titles = new Map(exercises.map((one) => [one.name, one.title]));
}

export function title(exercise) {
  if (exercise === "unknown") return "Any exercise";
  const known = titles.get(exercise) ?? exercise.replaceAll("_", " ");
  return known.charAt(0).toUpperCase() + known.slice(1);
}

export function seconds(value, digits = 1) {
  return value === null ? "–" : value.toFixed(digits);
}

export function tempoText(tempo) {
  return tempo.every((one) => one === null) ? "" : tempo.map((one) => seconds(one)).join(" - ");
}

export function degrees(value) {
  return value === null ? "" : `${Math.round(value)}°`;
}

export function kilograms(value) {
  return value === null || value === 0 ? "" : `${value} kg`;
}

export function reps(count) {
  return `${count} rep${count === 1 ? "" : "s"}`;
}

export function minutes(ms) {
  const whole = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function clock(ms) {
  return new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
