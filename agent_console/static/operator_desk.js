// The operator's desk: state, call in hand, case.
import { csrf, follow, list, media, post, show, start, turns } from "./softphone.js";
const $ = (id) => document.getElementById(id);
let session = null, last = "";
const given = await post("/phone", {});
start(given, (s, from) => {
  if (from !== "remote") return;
  session = s;
  $("answer").disabled = false;
  s.on("accepted", () => { $("answer").disabled = true; $("hangup").disabled = false; });
  for (const end of ["ended", "failed"]) s.on(end, () => { $("answer").disabled = $("hangup").disabled = true; session = null; });
});
const answer = () => session && !$("answer").disabled && session.answer(media(given.processing));
$("answer").onclick = answer;
$("hangup").onclick = () => session?.terminate();
document.addEventListener("keydown", (e) => { if (e.code === "Space" && !/INPUT|TEXTAREA|SELECT|BUTTON/.test(e.target.tagName)) { e.preventDefault(); answer(); } });
const state = (values) => post("/desk/state", values).catch((e) => show("state", e.message));
$("ready").onclick = () => state({ state: "ready" });
$("break").onclick = () => state({ state: "break", reason: $("reason").value });
async function matters(query) {
  const found = await (await fetch(`/desk/matters?${new URLSearchParams(query)}`)).json();
  $("matter").replaceChildren(...found.map((m) => new Option(`${m.code} ${m.zh}`, m.code)));
}
$("search").oninput = () => matters({ q: $("search").value });
$("case").onchange = () => post("/desk/proposal", new FormData($("case"))).then((p) => show("proposal", JSON.stringify(p.lead ?? p))).catch(() => show("proposal", ""));
follow("", (picture) => {
  show("state", picture.me.state_zh + (picture.me.reason ? `（${picture.me.reason}）` : ""));
  show("waiting", picture.waiting);
  const call = picture.call;
  show("caller", call?.caller || "");
  show("phase", call?.phase || "");
  turns(call);
  list("tried", (call?.tried || []).map((t) => (typeof t === "string" ? t : JSON.stringify(t))));
  if (call && call.id !== last) {
    last = call.id;
    $("call").value = call.id;
    $("contact").value = call.caller;
    $("text").value = call.turns.filter((t) => t.who === "caller").map((t) => t.text).join("，");
    matters({ call: call.id });
  }
});
