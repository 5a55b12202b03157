// Tones and voice. A browser lets them sound only after a touch, so the first one anywhere wakes them.

export const MODES = ["off", "tones", "voice"];

const TONES = {
  rep: [[660, 0, 0.12]],
  straight: [[880, 0, 0.16]],
  target: [[1175, 0, 0.12], [1568, 0.12, 0.22]],
  tick: [[740, 0, 0.09]],
  go: [[988, 0, 0.4]],
  done: [[523, 0, 0.12], [659, 0.13, 0.12], [784, 0.26, 0.24]],
};

export class Sound {
  #context = null;
  mode = "off";

  // Has to be called from a touch or a key.
  wake() {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume();
  }

  // A new rep: its number spoken or beeped. With a hold to reach, the tone is the one for "straight".
  rep(count, { hold = false } = {}) {
    if (this.mode === "voice") this.#say(String(count));
    else this.#play(hold ? "straight" : "rep");
  }

  play(name) {
    this.#play(name);
  }

  say(words) {
    if (this.mode === "voice") this.#say(words);
  }

  #say(words) {
    const voice = globalThis.speechSynthesis;
    if (!voice) return this.#play("rep");
    voice.cancel(); // a number that comes late is wrong
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = "en";
    utterance.rate = 1.15;
    voice.speak(utterance);
  }

  #play(name) {
    if (this.mode === "off" || this.#context?.state !== "running") return;
    const now = this.#context.currentTime;
    for (const [hz, after, length] of TONES[name]) {
      const tone = this.#context.createOscillator();
      const loudness = this.#context.createGain();
      tone.frequency.value = hz;
      tone.type = "triangle";
      loudness.gain.setValueAtTime(0, now + after);
      loudness.gain.linearRampToValueAtTime(0.5, now + after + 0.01);
      loudness.gain.setValueAtTime(0.5, now + after + length - 0.03);
      loudness.gain.linearRampToValueAtTime(0, now + after + length);
      tone.connect(loudness).connect(this.#context.destination);
      tone.start(now + after);
      tone.stop(now + after + length);
    }
  }
}
