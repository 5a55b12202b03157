// Where in the broker's tree each thing stands: docs/reference/mqtt.md.

export class Topics {
  constructor(root) {
    this.root = root;
  }

  // What the page listens to.
  get filters() {
    const below = ["availability", "state", "config", "event/rep", "event/set", "last_set"];
    return [...below.map((name) => `${this.root}/+/${name}`), `${this.root}/bridge/info`];
  }

  get responses() {
    return `${this.root}/+/response/+`;
  }

  command(device, name) {
    return `${this.root}/${device}/cmd/${name}`;
  }

  // What this phone relays, and what it is asked to do with its sensor.
  rawUp(device) {
    return `${this.root}/${device}/raw/up`;
  }

  rawDown(device) {
    return `${this.root}/${device}/raw/down`;
  }

  // Device and what is told of it: "imurep/back-strap/event/rep" gives ["back-strap", "event/rep"].
  parse(topic) {
    const [device, ...rest] = topic.slice(this.root.length + 1).split("/");
    return [device, rest.join("/")];
  }
}
