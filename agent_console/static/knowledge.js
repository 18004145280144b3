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

// A question spoken into the browser, as the line would hear it: 8 kHz, mono, 16 bit.
function wav(samples) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((c, n) => view.setUint8(at + n, c.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + 2 * samples.length, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true); view.setUint32(28, 16000, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  text(36, "data"); view.setUint32(40, 2 * samples.length, true);
  samples.forEach((s, n) => view.setInt16(44 + 2 * n, Math.max(-1, Math.min(1, s)) * 32767, true));
  return new Blob([view], { type: "audio/wav" });
}
async function understand(recorded) {
  const sound = await new AudioContext().decodeAudioData(await recorded.arrayBuffer());
  const offline = new OfflineAudioContext(1, Math.ceil(Math.min(sound.duration, 29) * 8000), 8000);
  const source = Object.assign(offline.createBufferSource(), { buffer: sound });
  source.connect(offline.destination);
  source.start();
  const samples = (await offline.startRendering()).getChannelData(0);
  const answer = await fetch("/knowledge/hear", { method: "POST", headers: { "X-CSRF": document.body.dataset.csrf, Accept: "application/json" }, body: wav(samples) });
  if (!answer.ok) throw new Error("没有听清, 请再试一次");
  return (await answer.json()).words;
}
async function speak(button) {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(microphone), parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.onstop = async () => {
    microphone.getTracks().forEach((track) => track.stop());
    button.setAttribute("aria-pressed", "false");
    button.textContent = "按一下说话";
    $("hearing").textContent = "正在识别……";
    try {
      const words = await understand(new Blob(parts, { type: recorder.mimeType }));
      $("hearing").textContent = words ? `听到：${words}` : "没有听清, 请再试一次";
      if (words) { $("search").value = words; $("try").requestSubmit(); }
    } catch (problem) { $("hearing").textContent = problem.message; }
  };
  recorder.start();
  button.setAttribute("aria-pressed", "true");
  button.textContent = "说完了";
  const over = setTimeout(() => recorder.stop(), 20000);
  button.onclick = () => { clearTimeout(over); button.onclick = () => begin(button); recorder.stop(); };
}
const begin = (button) => speak(button).catch(() => { $("hearing").textContent = "没有麦克风, 或未获许可"; });
if ($("speak") && navigator.mediaDevices && window.MediaRecorder) {
  $("speak").hidden = false;
  $("speak").onclick = () => begin($("speak"));
}

async function followLoad(place) {
  const told = await (await fetch(place.dataset.address, { headers: { Accept: "application/json" } })).json();
  if (!/waiting|reading|writing/.test(told.stage)) return location.reload();
  $("load-total").textContent = told.total;
  if (told.stage === "reading" && told.expected) { $("load-progress").max = told.expected; $("load-progress").value = told.total; }
  setTimeout(() => followLoad(place).catch(() => {}), 700);
}
if ($("load-waits")) followLoad($("load-waits")).catch(() => {});
if ($("batch-waits")) setTimeout(() => { location.href = $("batch-waits").href; }, 1500);
