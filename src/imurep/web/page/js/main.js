// Puts the page together: messages go into the model, what happened goes to stage, cards and sound.

import { Awake } from "./awake.js";
import { Cards, Done } from "./cards.js";
import { ServiceClock } from "./clock.js";
import { Commands } from "./commands.js";
import { by, make, write } from "./dom.js";
import { Holding } from "./holding.js";
import { CONNECTING, Link, OFFLINE, ONLINE } from "./link.js";
import { Login } from "./login.js";
import { Model } from "./model.js";
import { Plan } from "./plan.js";
import { Prefs } from "./prefs.js";
import { Relay } from "./relay.js";
import { Rest } from "./rest.js";
import { MODES, Sound } from "./sound.js";
import { Stage } from "./stage.js";
import { Topics } from "./topics.js";
import { LINK_WORDS, clock, learn, reps } from "./words.js";

const about = await (await fetch("about.json")).json();
learn(about.exercises);

const prefs = new Prefs(about.root);
const topics = new Topics(about.root);
const link = new Link(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/mqtt`);
const commands = new Commands(link, topics);
const model = new Model(topics);
const serviceClock = new ServiceClock();
const sound = new Sound();
const stage = new Stage(about.exercises, sound);
const cards = new Cards((set) => {
  done.tap(set);
  show();
  by("done").scrollIntoView({ block: "nearest" });
});
const rest = new Rest();
const awake = new Awake();
const login = new Login(link, prefs);
const plan = new Plan(about.exercises, prefs, (name, value) => commands.send(shown()?.id, name, value));
const done = new Done(about.exercises, correct);
const relay = new Relay(link, topics, about.sensors, () => holding.show(mode(shown()) === "waiting"));
const holding = new Holding(relay, (taken) => {
  if (taken) prefs.set("sensor", null); // who takes one wants to see that one
  show();
});
let lastHeard = null;

for (const [device, sets] of prefs.sets(Date.now())) model.remember(device, sets);

for (const filter of topics.filters) {
  link.subscribe(filter, (topic, payload, retained) => {
    lastHeard = Date.now();
    const happened = model.take(topic, payload, retained, lastHeard);
    if (happened) react(happened);
  });
}
link.watch((state) => {
  document.body.dataset.link = state;
  show();
});

// The sensor that is shown: the chosen one, else this phone's own, else the one that does something, else the one
// heard of last.
function shown() {
  const chosen = model.sensors.get(prefs.get("sensor"));
  if (chosen) return chosen;
  const busy = (sensor) =>
    (sensor.name === relay.label ? 4 : 0) + (sensor.running ? 2 : 0) + (sensor.link === "streaming" ? 1 : 0);
  const all = [...model.sensors.values()];
  return all.sort((a, b) => busy(b) - busy(a) || b.touched - a.touched)[0] ?? null;
}

function react(happened) {
  const { kind, sensor } = happened;
  const now = performance.now();
  if (kind === "state" && happened.at !== null) serviceClock.heard(happened.at, Date.now());
  if (kind === "set") prefs.keepSets(sensor);
  if (sensor && sensor === shown()) {
    if (kind === "state") stage.phase(sensor.phase, now);
    if (kind === "rep") {
      const atTheTop = happened.rep.tempo[3] === null;
      if (atTheTop) stage.phase("top_hold", now);
      sound.rep(sensor.count, { hold: atTheTop && (sensor.plan.tempo?.[3] ?? 0) > 0 });
      write(by("told"), reps(sensor.count));
    }
    if (kind === "set" && happened.first && happened.live && !happened.set.withdrawn) {
      sound.play("done");
      sound.say(`Set done. ${reps(happened.set.count)}.`);
      write(by("told"), `Set done. ${reps(happened.set.count)}.`);
    }
  }
  show();
}

const COMING_MS = 2000; // the set itself is told a moment after it was over

function mode(sensor) {
  if (!sensor) return "waiting";
  const coming = !sensor.sets.has(sensor.setId) && Date.now() - sensor.stopped < COMING_MS;
  if (sensor.running || coming) return "set";
  return restLeft(sensor) === null ? (sensor.link === "streaming" ? "ready" : "waiting") : "rest";
}

function restLeft(sensor) {
  return rest.left(sensor, serviceClock.at(Date.now()), prefs.get("restS"));
}

function showRest(sensor) {
  stage.rest(restLeft(sensor), sensor.inOrder.length, sensor.lastSet.count);
}

function show() {
  const sensor = shown();
  const now = mode(sensor);
  stage.show(sensor, now, waitingFor(sensor, now));
  if (now === "rest") showRest(sensor);
  stage.tick(sensor, performance.now());
  cards.show(sensor);
  done.show(sensor, now === "rest");
  plan.show(sensor);
  header(sensor);
  notice(sensor);
  if (by("act").ariaBusy !== "true") write(by("act-text"), sensor?.running ? "Finish set" : "Start set");
  by("act").dataset.does = sensor?.running ? "finish" : "start";
  holding.show(now === "waiting");
  awake.want(relay.isHeld || (link.state === ONLINE && sensor?.link === "streaming"));
}

function waitingFor(sensor, now) {
  if (now === "ready") return "Ready. Begin whenever you like.";
  if (now !== "waiting") return "";
  if (relay.isHeld) return "Put the sensor on.";
  if (!sensor) return link.state === ONLINE ? "Switch the sensor on and put it on." : "";
  return sensor.link === "connecting" ? "Connecting …" : "Switch the sensor on and put it on.";
}

function header(sensor) {
  by("lamp").dataset.link = link.state === ONLINE && model.service !== "offline" ? (sensor?.link ?? "none") : "none";
  write(by("sensor-name"), sensor?.name ?? "No sensor yet");
  write(by("sensor-link"), sensor ? (LINK_WORDS[sensor.link] ?? sensor.link) : "");
  const percent = sensor?.battery ?? null;
  by("battery").hidden = percent === null;
  if (percent !== null) {
    write(by("battery-text"), `${Math.round(percent)} %`);
    by("battery").classList.toggle("low", percent < 15);
    by("charge").setAttribute("width", String((17 * Math.min(100, Math.max(0, percent))) / 100));
  }
  const several = model.sensors.size > 1;
  by("sensor-choice").hidden = !several;
  by("sensor-line").classList.toggle("several", several);
  if (several) {
    const known = [...model.sensors.values()];
    const select = by("sensor-select");
    if ([...select.options].map((one) => one.value + one.text).join() !== known.map((one) => one.id + one.name).join()) {
      select.replaceChildren(...known.map((one) => make("option", { value: one.id }, one.name)));
    }
    select.value = sensor.id;
  }
}

// What is wrong, the nearest thing first: the way to the broker, the service, the sensor.
function notice(sensor) {
  let words = "";
  if (link.state === OFFLINE || (link.state === CONNECTING && link.reason)) {
    const since = lastHeard ? ` What you see is from ${clock(lastHeard)}.` : "";
    const where = navigator.onLine ? `No connection: ${link.reason}.` : "This phone is offline.";
    const kept = relay.isHeld ? " What the sensor sends is kept." : "";
    words = `${where}${since}${kept} The page reconnects by itself.`;
  } else if (link.state === ONLINE && model.service === "offline") {
    words = "imurep is not running. The page continues when it is.";
  } else if (sensor?.detail || sensor?.link === "lost") {
    words = sensor.detail ? `${sensor.name}: ${sensor.detail}` : `${sensor.name} is out of reach. What it keeps is counted when it is back.`;
  } else if (model.problem) {
    words = model.problem;
  }
  by("notice").hidden = words === "";
  write(by("notice"), words);
}

let toastGoes = null;

function toast(words, how) {
  const box = by("toast");
  clearTimeout(toastGoes);
  write(box, words);
  box.dataset.how = how;
  toastGoes = setTimeout(() => write(box, ""), how === "bad" ? 6000 : 2500);
}

async function correct(set, { count = null, exercise }, answer) {
  answer.dataset.how = "busy";
  write(answer, "Saving …");
  try {
    await (count === 0
      ? commands.send(shown().id, "delete_set", null, { set: set.id })
      : commands.send(shown().id, "correct_set", count, { set: set.id, exercise }));
    answer.dataset.how = "good";
    write(answer, count === 0 ? "Taken out ✓" : "Corrected ✓");
    return true;
  } catch (error) {
    answer.dataset.how = "bad";
    write(answer, error.message);
    return false;
  }
}

by("act").addEventListener("click", async () => {
  const sensor = shown();
  const [name, said] = sensor?.running ? ["finish_set", "Set finished ✓"] : ["start_set", "Set started ✓"];
  if (!sensor) return toast("There is no sensor yet.", "bad");
  const button = by("act");
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  write(by("act-text"), "…");
  try {
    await commands.send(sensor.id, name, null);
    if (name === "start_set") rest.end(sensor);
    toast(said, "good");
  } catch (error) {
    toast(error.message, "bad");
  } finally {
    button.ariaBusy = "false";
    show();
  }
});

for (const opener of [by("open-plan"), by("exercise")]) opener.addEventListener("click", () => plan.open());
by("sensor-select").addEventListener("change", (event) => {
  prefs.set("sensor", event.target.value);
  show();
});

function soundMode(next) {
  sound.mode = next;
  const words = { off: "Off", tones: "Tones", voice: "Voice" }[next];
  write(by("sound-text"), words);
  by("sound").setAttribute("aria-label", `Sound: ${words}`);
  by("sound").dataset.mode = next;
}
soundMode(prefs.get("sound"));
by("sound").addEventListener("click", () => {
  const next = MODES[(MODES.indexOf(sound.mode) + 1) % MODES.length];
  prefs.set("sound", next);
  soundMode(next);
  sound.wake();
  sound.play("rep");
  sound.say("Voice on");
});
for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => sound.wake(), { once: true });

function theme(name) {
  document.documentElement.dataset.theme = name;
  by("theme").value = name;
}
theme(prefs.get("theme"));
by("theme").addEventListener("change", (event) => {
  prefs.set("theme", event.target.value);
  theme(event.target.value);
});

write(
  by("phone-notes"),
  Awake.possible ? "The screen stays on while a sensor is connected." : "The screen may go dark: keeping it on needs a secure address (https).",
);

const TICK_MS = 100; // tenths of a second are shown; more would only cost battery

function tick() {
  const sensor = shown();
  stage.tick(sensor, performance.now());
  const left = restLeft(sensor);
  const cue = rest.cue(left);
  if (cue) sound.play(cue);
  const now = mode(sensor);
  if (now !== document.body.dataset.mode) show();
  else if (now === "rest") showRest(sensor);
}
setInterval(tick, TICK_MS);

if ("serviceWorker" in navigator) {
  // The page's policy lets this one address be made from text.
  const shell = globalThis.trustedTypes?.createPolicy("shell", { createScriptURL: (url) => url });
  navigator.serviceWorker.register(shell ? shell.createScriptURL("sw.js") : "sw.js").catch(() => {});
}

show();
login.begin();
