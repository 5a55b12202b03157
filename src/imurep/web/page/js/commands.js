// Commands to the service, each with its answer. Nothing counts as done before the service has said so.

const ANSWER_MS = 5000;

export class Commands {
  #link;
  #topics;
  #waiting = new Map();
  #number = 0;
  #prefix = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);

  constructor(link, topics) {
    this.#link = link;
    this.#topics = topics;
    link.subscribe(topics.responses, (_topic, payload) => this.#answered(payload));
  }

  // Send a command; resolves with the answer's data, rejects with an Error that says what is wrong.
  // `more` has the keys of a correction: which set, and which exercise it was.
  async send(device, name, value, more = {}) {
    const transaction = `${this.#prefix}-${++this.#number}`;
    const answer = new Promise((resolve, reject) => this.#waiting.set(transaction, { resolve, reject }));
    const late = setTimeout(() => {
      this.#waiting.get(transaction)?.reject(new Error("No answer. Is imurep running?"));
    }, ANSWER_MS);
    try {
      const said = JSON.stringify({ ...more, value, transaction });
      // The broker's word that it has the command does not matter: the answer does.
      this.#link.publish(this.#topics.command(device, name), said).catch(() => {
        this.#waiting.get(transaction)?.reject(new Error("Not sent: no connection to the broker."));
      });
      return await answer;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(transaction);
    }
  }

  #answered(payload) {
    let said;
    try {
      said = JSON.parse(new TextDecoder().decode(payload));
    } catch {
      return;
    }
    const waiting = this.#waiting.get(said?.transaction);
    if (!waiting) return; // another page's
    if (said.status === "ok") waiting.resolve(said.data);
    else if (said.status === "error") waiting.reject(new Error(String(said.error ?? "It was refused.").slice(0, 200)));
  }
}
