// The buttons of the telephone, and what it says about itself.

import { $, show } from "../page/dom.js";
import { quiet, ring } from "../phone/ringtone.js";
import { Softphone } from "../phone/softphone.js";

const REGISTRATION = {
  connecting: ["正在连接…", ""],
  registered: ["已连接", "on"],
  lost: ["已断开, 正在重新连接…", "off"],
  refused: ["电话已在另一个页面使用", "off"],
};
const KEYS = { F2: "answer", F4: "hangup" };

export function wireTelephone(given) {
  const phone = new Softphone(given, $("sound"));

  phone.addEventListener("registration", ({ detail }) => {
    const [words, dot] = REGISTRATION[detail];
    show("phone", words);
    $("phone-dot").className = `dot ${dot}`;
  });
  phone.addEventListener("call", () => showCall(phone.call));

  $("answer").onclick = () => { $("answer").disabled = true; phone.answer(); };
  $("hangup").onclick = () => phone.hangUp();
  $("mute").onclick = () => phone.toggleMute();
  $("hold").onclick = () => phone.toggleHold();
  $("keys").onclick = () => toggleKeypad($("keypad").hidden);
  $("keypad").onclick = ({ target }) => target.dataset.key && phone.key(target.dataset.key);
  document.addEventListener("keydown", (event) => {
    const button = KEYS[event.key];
    if (!button) return;
    event.preventDefault();
    $(button).click();
  });
  addEventListener("beforeunload", (event) => phone.call && event.preventDefault()); // leaving would cut the call off
  phone.start();
}

function toggleKeypad(open) {
  $("keypad").hidden = !open;
  $("keys").setAttribute("aria-expanded", String(open));
}

function showCall(call) {
  const talking = call?.phase === "talking";
  const ringing = call?.phase === "ringing";
  if (ringing) ring();
  else quiet();
  $("call").classList.toggle("rings", ringing);
  $("answer").disabled = !ringing;
  $("hangup").disabled = !call;
  for (const id of ["mute", "hold", "keys"]) $(id).disabled = !talking;
  $("mute").setAttribute("aria-pressed", String(Boolean(call?.muted)));
  $("hold").setAttribute("aria-pressed", String(Boolean(call?.held)));
  show("mute", call?.muted ? "取消静音" : "静音");
  show("hold", call?.held ? "恢复通话" : "保持");
  if (!talking) toggleKeypad(false);
}
