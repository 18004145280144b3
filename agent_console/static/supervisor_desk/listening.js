// Listening to, whispering into and joining a call: the console rings this page's own telephone, and only that is picked up.

import { post } from "../page/ask.js";
import { count } from "../page/clock.js";
import { $, fill, make, show } from "../page/dom.js";
import { Softphone } from "../phone/softphone.js";

const WAYS = [["listen", "监听"], ["whisper", "密语"], ["barge", "强插"]];
const REGISTRATION = {
  connecting: ["正在连接…", ""],
  registered: ["已连接", "on"],
  lost: ["已断开, 正在重新连接…", "off"],
  refused: ["电话已在另一个页面使用", "off"],
};
const TOKEN = [100000, 899999]; // first, how many: the calling number by which our own call is known

export class Listening {
  #phone = null;
  #asked = "";
  #complain;

  constructor(complain) {
    this.#complain = complain;
  }

  start(given) {
    this.#phone = new Softphone(given, $("sound"), { newestWins: true });
    this.#phone.addEventListener("registration", ({ detail }) => {
      show("phone", REGISTRATION[detail][0]);
      $("phone-dot").className = `dot ${REGISTRATION[detail][1]}`;
    });
    this.#phone.addEventListener("call", () => {
      const call = this.#phone.call;
      if (call?.phase === "ringing" && call.from === this.#asked) this.#phone.answer();
    });
    this.#phone.start();
  }

  async begin(operator, mode) {
    this.#asked = String(TOKEN[0] + (crypto.getRandomValues(new Uint32Array(1))[0] % TOKEN[1]));
    await post("/supervisor/listen", { operator, mode, token: this.#asked }).catch(this.#complain);
  }

  stop() {
    return post("/supervisor/stop", {}).catch(this.#complain);
  }

  /** What the console says we hear, or null. */
  show(listening) {
    $("listening").hidden = !listening;
    count($("listening-timer"), listening && { from: listening.since });
    if (!listening) return;
    show("listening-mode", listening.mode_zh);
    show("listening-to", listening.name);
    fill("listening-buttons", [
      ...WAYS.map(([mode, zh]) => make("button", { type: "button", class: "quiet", "data-mode": mode,
        "aria-pressed": String(mode === listening.mode) }, zh)),
      make("button", { type: "button", class: "bad", "data-stop": true }, "停止"),
    ]);
    $("listening-buttons").onclick = ({ target }) => {
      if ("stop" in target.dataset) this.stop();
      else if (target.dataset.mode && target.dataset.mode !== listening.mode) this.begin(listening.operator, target.dataset.mode);
    };
  }
}
