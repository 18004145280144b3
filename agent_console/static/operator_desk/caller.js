// Who rings, why, and what was said before: the screen pop.

import { count } from "../page/clock.js";
import { $, fill, make, show, showTurns } from "../page/dom.js";

export function showCaller({ call, me }) {
  $("no-call").hidden = Boolean(call);
  $("call-shown").hidden = !call;
  $("call-phase").hidden = !call;
  show("call-title", me.state === "ringing" ? "来电振铃" : me.state === "wrap_up" ? "刚结束的通话" : "来电");
  $("which-article").hidden = !call;
  if (!call) {
    count($("call-timer"), null);
    fill("tried", []);
    fill("turns", []);
    return;
  }
  $("which-article").href = `/knowledge/call/${call.id}`;
  show("caller", call.caller || "号码未显示");
  show("call-phase", call.phase || call.outcome || "已结束");
  show("because", call.because ? `转人工原因：${call.because}` : "");
  count($("call-timer"), { from: call.ended ? null : call.since });
  fill("tried", call.tried.map((done) => make("li", {}, done)));
  showTurns("turns", call.turns);
}
