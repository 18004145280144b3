// A citizen's telephone in the browser: dials 12345, shows what the robot understood.

import { csrf, post } from "./page/ask.js";
import { $, show, showTurns } from "./page/dom.js";
import { follow } from "./page/live.js";
import { checkMicrophone, Softphone } from "./phone/softphone.js";

let phone = null;
let following = false;

function showCall() {
  const call = phone.call;
  show("phone", !call ? "已挂断" : call.phase === "talking" ? "通话中" : "正在呼叫…");
  $("dial").disabled = Boolean(call);
  $("hangup").disabled = !call;
  $("zero").disabled = call?.phase !== "talking";
}

async function dial() {
  $("dial").disabled = true;
  try {
    await checkMicrophone();
    const given = await post("/call/phone", {});
    phone?.stop();
    phone = new Softphone(given, $("sound"));
    phone.addEventListener("call", showCall);
    document.body.dataset.csrf = given.csrf; // the visitor has a session of their own now
    const dialOnce = ({ detail, target }) => {
      if (detail !== "registered") return;
      target.removeEventListener("registration", dialOnce);
      target.dial(given.dial);
    };
    phone.addEventListener("registration", dialOnce);
    phone.start();
    if (!following) follow((picture) => picture.call && showTurns("turns", picture.call.turns));
    following = true;
  } catch (problem) {
    show("phone", problem.message);
    $("dial").disabled = false;
  }
}

$("dial").onclick = dial;
$("hangup").onclick = () => phone.hangUp();
$("zero").onclick = () => phone.key("0");
addEventListener("pagehide", () => csrf() && navigator.sendBeacon("/call/done", new URLSearchParams({ csrf: csrf() })));
