// The form of a grid officer opens where there is no net: as it was when there last was one.
const NAME = "grid-1";
const KEPT = ["/grid/report", "/static/desk.css", "/static/grid_report.js", "/static/mark.svg"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const path = new URL(event.request.url).pathname;
  if (event.request.method === "GET" && KEPT.includes(path)) event.respondWith(fresh(event.request, path));
});

async function fresh(request, path) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await (await caches.open(NAME)).put(path, answer.clone());
    return answer;
  } catch (away) {
    const kept = await caches.match(path);
    if (kept) return kept;
    throw away;
  }
}
