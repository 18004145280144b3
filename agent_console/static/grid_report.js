// A report that is written where there is no net is kept on the telephone, photographs too, and sent once there is.
// Each draft has an id of its own under which the hotline takes it in once, however often it is sent, and is its
// officer's: who signs in next on the same telephone neither sees nor sends it.

const form = document.getElementById("report");
const told = document.getElementById("told");
const list = document.getElementById("draft-list");
const TEXTS = ["matter", "text", "grid", "landmark", "metres", "lat", "lng", "reply"];
const FILES = ["photo", "after"];
const AGAIN = 30_000; // ms between tries while drafts wait

const officer = form.dataset.officer;
let csrf = document.body.dataset.csrf;

// ---------- drafts, in the telephone's own database

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function drafts(mode) {
  const opening = indexedDB.open("hotline-drafts", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("drafts", { keyPath: "client" });
  return (await asked(opening)).transaction("drafts", mode).objectStore("drafts");
}

const everyDraft = async () => (await asked((await drafts("readonly")).getAll())).filter((d) => d.officer === officer);
const keepDraft = async (draft) => asked((await drafts("readwrite")).put(draft));
const dropDraft = async (client) => asked((await drafts("readwrite")).delete(client));

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

function written() {
  const draft = { officer, client: form.client.value, seen: form.seen.value || new Date().toISOString(), problem: "" };
  for (const name of TEXTS) draft[name] = form.elements[name].value;
  draft.handled = form.elements.handled.checked ? "yes" : "";
  for (const name of FILES) draft[name] = [...form.elements[name].files];
  return draft;
}

function begin() {
  form.reset();
  form.client.value = newId();
  for (const name of ["seen", "lat", "lng"]) form.elements[name].value = "";
  document.getElementById("located").textContent = "";
  document.getElementById("problem-place").replaceChildren();
}

function takeUp(draft) {
  form.client.value = draft.client;
  form.seen.value = draft.seen;
  for (const name of TEXTS) form.elements[name].value = draft[name];
  form.elements.handled.checked = draft.handled === "yes";
  form.querySelector("details").open = draft.handled === "yes";
  for (const name of FILES) {
    const chosen = new DataTransfer();
    draft[name].forEach((file) => chosen.items.add(file));
    form.elements[name].files = chosen.files;
  }
  form.elements.text.focus();
}

// ---------- sending

async function post(draft) {
  const body = new FormData();
  for (const name of ["client", "seen", "handled", ...TEXTS]) body.append(name, draft[name]);
  for (const name of FILES) draft[name].forEach((file) => body.append(name, file, file.name));
  return fetch("/grid/report", { method: "POST", body, headers: { Accept: "application/json", "X-CSRF": csrf } });
}

async function freshToken() {
  const page = await fetch("/grid/report", { cache: "reload" });
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
  const token = fresh.body.dataset.csrf;
  if (page.redirected || !token || fresh.getElementById("report")?.dataset.officer !== officer) return false;
  csrf = form.csrf.value = token;
  return true;
}

// Whether it went out; the draft is dropped when the hotline has said its number, and not before.
async function send(draft) {
  let answer;
  try {
    answer = await post(draft);
    if (answer.status === 403 && (await freshToken())) answer = await post(draft);
  } catch {
    return false; // no net: it stays
  }
  const content = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
  if (answer.status === 201) {
    await dropDraft(draft.client);
    say(draft, content);
    return true;
  }
  draft.problem = content.problem ?? (answer.status === 401 ? "请重新签入, 之后会自动上报" : "没有发出, 稍后再试");
  await keepDraft(draft);
  return false;
}

// One window at a time, so that nothing is under way twice.
async function sendAll() {
  const work = async (lock) => {
    if (lock === null) return;
    for (const draft of await everyDraft()) if (!draft.held) await send(draft);
    await showDrafts();
  };
  if (navigator.locks) await navigator.locks.request("hotline-drafts", { ifAvailable: true }, work);
  else await work();
}

// ---------- what the officer sees

function element(name, text, more = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...more });
}

function say(draft, content) {
  const line = element("p", "已上报：", { className: "banner good" });
  line.append(element("a", content.number, { href: content.address }), ` ${draft.text.slice(0, 20)}`);
  told.append(line);
}

async function showDrafts() {
  const kept = await everyDraft();
  document.getElementById("drafts").hidden = kept.length === 0;
  list.replaceChildren(...kept.map((draft) => {
    const line = element("li", "");
    const state = draft.problem || (draft.held ? "草稿" : "有网时自动上报");
    const count = draft.photo.length + draft.after.length;
    line.append(
      element("strong", draft.text.slice(0, 40) || "（没有写情况）"),
      element("span", `${state} · 照片 ${count} 张`, { className: draft.problem ? "small late-text" : "small soft" }),
    );
    const acts = element("span", "", { className: "row" });
    acts.append(
      element("button", "继续填写", { className: "quiet small", onclick: () => takeUp(draft) }),
      element("button", "删除", { className: "quiet small", onclick: () => dropDraft(draft.client).then(showDrafts) }),
    );
    line.append(acts);
    return line;
  }));
}

function showNet() {
  document.getElementById("no-net").hidden = navigator.onLine;
}

async function keep(held) {
  await keepDraft({ ...written(), held });
  begin();
  await showDrafts();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector(".bar button");
  button.disabled = true;
  try {
    await keep(false);
    await sendAll();
  } finally {
    button.disabled = false;
  }
  told.scrollIntoView({ block: "nearest" });
});

const keepButton = document.getElementById("keep");
keepButton.hidden = false;
keepButton.addEventListener("click", () => keep(true));

const locate = document.getElementById("locate");
locate.hidden = !navigator.geolocation;
locate.addEventListener("click", () => {
  const shown = document.getElementById("located");
  shown.textContent = "正在定位…";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.lat.value = coords.latitude.toFixed(6);
      form.lng.value = coords.longitude.toFixed(6);
      shown.textContent = `已记下 ${form.lat.value}, ${form.lng.value}`;
    },
    () => { shown.textContent = "没有定位成功, 不影响上报"; },
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
  );
});

window.addEventListener("online", () => { showNet(); sendAll(); });
window.addEventListener("offline", showNet);
setInterval(async () => { if ((await everyDraft()).some((draft) => !draft.held)) await sendAll(); }, AGAIN);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/grid/worker.js", { scope: "/grid/" }).catch(() => {});
showNet();
await showDrafts();
await sendAll();
