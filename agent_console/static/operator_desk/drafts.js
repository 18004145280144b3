// What is written but not saved survives a reload and the next call.  Kept in this tab only, gone when it is closed.

const PREFIX = "draft:";
const KEPT = 10; // the oldest go first

export function keep(call, values) {
  sessionStorage.setItem(PREFIX + call, JSON.stringify({ at: new Date().toISOString(), values }));
  const all = list();
  for (const { call: old } of all.slice(0, Math.max(0, all.length - KEPT))) forget(old);
}

export function forget(call) {
  sessionStorage.removeItem(PREFIX + call);
}

export function recall(call) {
  return JSON.parse(sessionStorage.getItem(PREFIX + call) ?? "null")?.values ?? null;
}

/** Oldest first. */
export function list() {
  return Object.keys(sessionStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => ({ call: key.slice(PREFIX.length), ...JSON.parse(sessionStorage.getItem(key)) }))
    .sort((a, b) => a.at.localeCompare(b.at));
}
