// What am I doing just now?  The state of the seat, its buttons and its keys.

import { post } from "../page/ask.js";
import { count } from "../page/clock.js";
import { $, make, show, stateInWords } from "../page/dom.js";
import { checkMicrophone } from "../phone/softphone.js";

const BUSY = ["ringing", "talking"];

export function complain(message) {
  const notice = make("p", { class: "banner bad" }, message);
  $("notices").append(notice);
  setTimeout(() => notice.remove(), 8000);
}

async function choose(values) {
  try {
    if (values.state === "ready") await checkMicrophone();
    await post("/desk/state", values);
  } catch (problem) {
    complain(problem.message);
  }
}

export function wireSeat() {
  $("seat").addEventListener("submit", (event) => {
    event.preventDefault();
    choose({ state: event.submitter.value, reason: $("reason").value });
  });
  document.addEventListener("keydown", (event) => {
    const button = { F8: $("ready"), F9: $("break") }[event.key];
    if (!button) return;
    event.preventDefault();
    button.click();
  });
}

export function showSeat({ me, ready_at: readyAt, waiting, longest, with_robot: withRobot, connected, call }) {
  const pill = $("state");
  pill.className = `pill ${me.state}`;
  show("state", stateInWords(me));
  count($("state-timer"), { from: me.since });
  $("ready-at").hidden = !readyAt;
  count($("ready-in"), { to: readyAt });
  show("state-note", note(me, call));
  $("ready").disabled = BUSY.includes(me.state) || me.state === "ready";
  $("break").disabled = BUSY.includes(me.state);
  for (const button of document.querySelectorAll("[action='/sign-out'] button")) button.disabled = BUSY.includes(me.state);
  show("waiting", waiting);
  count($("longest"), longest ? { from: longest } : null);
  if (!longest) show("longest", "–");
  show("with-robot", withRobot);
  $("away").hidden = connected;
}

/** One sentence for the states that do not explain themselves. */
function note(me, call) {
  if (me.state === "wrap_up" && call?.waiting) return "通话中断, 来电人已回到队首: 点“就绪”接回";
  if (me.state === "ready" && !me.reachable) return "软电话未连接, 暂时接不到来电";
  if (me.state === "break" && me.reason === "未接听") return "有来电没有接听, 准备好后请点“就绪”";
  if (me.state === "break" && me.reason === "页面已断开") return "页面断开过, 准备好后请点“就绪”";
  return "";
}
