// The knowledge's pages: keys, listening, the live preview.  Every page works without it.
const $ = (id) => document.getElementById(id);
const form = $("article");
const sound = new Audio();

function listen(button) {
  const given = button.dataset.listen === "form"
    ? { text: form.elements.spoken.value, question: form.elements.question.value, source: form.elements.source.value }
    : button.dataset;
  if (!given.text) return;
  sound.src = "/knowledge/voice?" + new URLSearchParams({ text: given.text, question: given.question || "", source: given.source || "" });
  button.setAttribute("aria-pressed", "true");
  const over = () => button.setAttribute("aria-pressed", "false");
  sound.onended = sound.onpause = sound.onerror = over;
  sound.play().catch(over);
}
for (const button of document.querySelectorAll("[data-listen]")) {
  button.onclick = () => (button.getAttribute("aria-pressed") === "true" ? sound.pause() : listen(button));
}

document.addEventListener("keydown", (event) => {
  const typing = /INPUT|TEXTAREA|SELECT/.test(event.target.tagName);
  const play = document.querySelector("[data-listen]");
  if (form && (event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); form.requestSubmit(); }
  else if (form && event.altKey && event.code === "KeyL") { event.preventDefault(); play.click(); }
  else if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  else if (event.key === "/" && $("search")) { event.preventDefault(); $("search").focus(); }
  else if (event.key === "l" && play) play.click();
  else if (event.key === "e" || event.key === "n") document.querySelector(`[accesskey="${event.key}"]`)?.click();
});

async function preview() {
  const told = await (await fetch("/knowledge/preview", { method: "POST", headers: { "X-CSRF": document.body.dataset.csrf }, body: new URLSearchParams(new FormData(form)) })).json();
  $("heard").textContent = form.elements.spoken.value;
  $("length").textContent = `${told.exact ? "" : "约 "}${told.seconds} 秒`;
  $("length").className = told.seconds > 30 ? "pill bad" : "pill good";
  $("said-as").textContent = told.said;
  $("flaws").replaceChildren(...told.flaws.map(({ zh }) => Object.assign(document.createElement("li"), { textContent: zh })));
  for (const box of form.querySelectorAll("[aria-describedby]")) {
    const mine = told.flaws.filter(({ field }) => field === box.name).map(({ zh }) => zh);
    box.toggleAttribute("aria-invalid", false);
    if (mine.length) box.setAttribute("aria-invalid", "true");
    $(`${box.name}-flaw`).textContent = mine.join("；");
  }
}
if (form) {
  let later, saved = false;
  form.addEventListener("input", () => { clearTimeout(later); later = setTimeout(() => preview().catch(() => {}), 400); });
  form.addEventListener("submit", () => { saved = true; });
  const before = new URLSearchParams(new FormData(form)).toString();
  addEventListener("beforeunload", (event) => {
    if (!saved && new URLSearchParams(new FormData(form)).toString() !== before) event.preventDefault();
  });
  preview().catch(() => {});
}

async function follow(place, bar) {
  const told = await (await fetch(place.dataset.address)).json();
  if (told.ready) return location.reload();
  if (told.asked) { bar.max = told.asked; bar.value = told.done; }
  setTimeout(() => follow(place, bar).catch(() => {}), 700);
}
if ($("gate-waits")) follow($("gate-waits"), $("gate-progress")).catch(() => {});
