// A citizen's telephone in the browser.
import { follow, media, post, show, start, turns } from "./softphone.js";
const $ = (id) => document.getElementById(id);
let session = null, ua = null;
$("dial").onclick = async () => {
  $("dial").disabled = true;
  try {
    const given = await post("/call/phone", {});
    ua?.stop();
    ua = start(given, (s) => {
      session = s;
      s.on("confirmed", () => { show("phone", "通话中"); $("hangup").disabled = $("zero").disabled = false; });
      for (const end of ["ended", "failed"]) s.on(end, () => { show("phone", "已挂断"); $("dial").disabled = false; $("hangup").disabled = $("zero").disabled = true; });
    });
    ua.once("registered", () => ua.call(`sip:${given.dial}@${given.domain}`, media(given.processing)));
    follow("", (picture) => turns(picture.call));
  } catch (problem) { show("phone", problem.message); $("dial").disabled = false; }
};
$("hangup").onclick = () => session?.terminate();
$("zero").onclick = () => session?.sendDTMF("0");
