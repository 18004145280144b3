// The supervisor's desk: the floor as it is, and a telephone that only ever rings because the supervisor asked.

import { post } from "./page/ask.js";
import { $, make, show } from "./page/dom.js";
import { follow } from "./page/live.js";
import { showFloor } from "./supervisor_desk/floor.js";
import { Listening } from "./supervisor_desk/listening.js";

function complain(problem) {
  const notice = make("p", { class: "banner bad" }, problem.message);
  $("notices").append(notice);
  setTimeout(() => notice.remove(), 8000);
}

const listening = new Listening(complain);
const acts = {
  listen: (operator, mode) => listening.begin(operator, mode),
  acknowledge: (alarm) => post(`/alarms/${alarm}/acknowledge`, {}).catch(complain),
};

let lineLost = null;
follow(
  (picture) => {
    showFloor(picture, acts);
    listening.show(picture.listening);
  },
  (there) => {
    lineLost?.remove();
    lineLost = there ? null : make("p", { class: "banner bad" }, "与服务器的连接断开, 正在重新连接, 画面可能不是最新的。");
    if (lineLost) $("notices").append(lineLost);
  },
);

try {
  listening.start(await post("/phone", {}));
} catch (problem) {
  show("phone", problem.message);
}
