// Keeps the shell of the page, so that it opens without the network and can say that the network is gone.
// What the broker tells is never kept here.

const CACHE = "imurep-shell";
const SHELL = [
  "./", "about.json", "manifest.webmanifest", "icons/icon.svg",
  "css/base.css", "css/stage.css", "css/cards.css", "css/dialogs.css",
  "js/main.js", "js/link.js", "js/topics.js", "js/commands.js", "js/model.js", "js/words.js", "js/clock.js",
  "js/prefs.js", "js/sound.js", "js/awake.js", "js/stage.js", "js/figure.js", "js/cards.js", "js/plan.js",
  "js/login.js", "js/dom.js", "js/rest.js", "js/relay.js", "js/held.js", "js/outbox.js", "js/holding.js", "vendor/mqtt.esm.js",
];
const PATIENCE_MS = 2000; // a network that is there but leads nowhere

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === self.location.origin) {
    event.respondWith(newest(request));
  }
});

// From the service where it answers, so a new version shows at once; else what is kept.
async function newest(request) {
  const cache = await caches.open(CACHE);
  const fetched = fetch(request).then((response) => {
    if (response.ok) cache.put(request, response.clone());
    return response;
  });
  const kept = await cache.match(request, { ignoreSearch: true });
  if (!kept) return fetched;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
  return Promise.race([fetched.catch(() => kept), late]);
}
