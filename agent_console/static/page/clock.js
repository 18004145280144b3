// How long already, how long still?  Counted by the console's clock, so a wrong clock at a desk shows nothing wrong.

let ahead = 0; // ms this machine's clock is ahead of the console's
const watched = new Map(); // element -> { from, to }

export const setNow = (iso) => { ahead = Date.now() - Date.parse(iso); };
export const now = () => Date.now() - ahead;

export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Show the time since (`from`) or until (`to`) an ISO moment in the element, every second; null stops it. */
export function count(element, moment) {
  if (!moment || !(moment.from || moment.to)) {
    watched.delete(element);
    element.textContent = "";
    return;
  }
  watched.set(element, moment);
  draw(element, moment);
}

function draw(element, { from, to }) {
  element.textContent = from ? span(now() - Date.parse(from)) : span(Date.parse(to) - now());
}

/** Elements made anew with `data-from` count as well. */
setInterval(() => {
  for (const [element, moment] of watched) draw(element, moment);
  for (const element of document.querySelectorAll("[data-from]")) draw(element, { from: element.dataset.from });
}, 500);

const HERE = { timeZone: "Asia/Shanghai" };
export const timeOfDay = (iso) => new Date(iso).toLocaleTimeString("zh-CN", { ...HERE, hour: "2-digit", minute: "2-digit" });
