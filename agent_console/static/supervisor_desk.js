// The supervisor's desk: who waits, who talks, alarms, listening in.
import { follow, list, media, post, show, start } from "./softphone.js";
const asked = new Set();
const given = await post("/phone", {});
start(given, (session, from) => {
  if (from === "remote" && asked.delete(session.remote_identity.uri.user)) session.answer(media(given.processing));
});
function button(text, act) {
  const made = document.createElement("button");
  made.textContent = text;
  made.onclick = act;
  return made;
}
function spy(operator, mode) {
  const token = String(100000 + crypto.getRandomValues(new Uint32Array(1))[0] % 900000);
  asked.add(token);
  return post("/supervisor/listen", { operator, mode, token }).catch((e) => show("phone", e.message));
}
follow("", (picture) => {
  list("waiting", picture.waiting.map((c) => `${c.caller} 自 ${new Date(c.since).toLocaleTimeString("zh-CN")}`));
  list("calls", picture.calls.map((c) => `${c.caller} ${c.phase_zh} ${c.operator_name || ""}`));
  list("operators", picture.operators.map((o) => [`${o.name} ${o.state_zh} ${o.reason} `,
    ...(o.state === "talking" ? [["监听", "listen"], ["密语", "whisper"], ["强插", "barge"]].map(([zh, mode]) => button(zh, () => spy(o.operator, mode))) : [])]));
  list("alarms", picture.alarms.map((a) => [`${a.text} `, button("确认", () => post(`/alarms/${a.id}/acknowledge`, {}))]));
});
