// The operator's desk: puts its parts together.  Each part knows one thing; what they share is the console's picture.

import { post } from "./page/ask.js";
import { $, make } from "./page/dom.js";
import { follow } from "./page/live.js";
import { showCaller } from "./operator_desk/caller.js";
import { CaseForm } from "./operator_desk/case_form.js";
import { showSeat, wireSeat } from "./operator_desk/seat.js";
import { wireTelephone } from "./operator_desk/telephone.js";

const PAGE = crypto.getRandomValues(new Uint32Array(2)).join("-"); // how the console tells this page from others
const UNLOADING = 4; // times half a second a page that was loaded anew waits for its old self to be gone

const caseForm = new CaseForm($("case"));
wireSeat();

let lineLost = null;
follow(
  (picture) => {
    showSeat(picture);
    showCaller(picture);
    caseForm.follow(picture.call);
  },
  (there) => {
    lineLost?.remove();
    lineLost = there ? null : make("p", { class: "banner bad" }, "与服务器的连接断开, 正在重新连接。通话不受影响。");
    if (lineLost) $("notices").append(lineLost);
  },
  { page: PAGE },
);

/** The telephone belongs to this page; one that talks in another page is taken only when the operator says so. */
async function takeTelephone(values, left = UNLOADING) {
  try {
    wireTelephone(await post("/phone", { page: PAGE, ...values }));
  } catch (problem) {
    if (left) return setTimeout(() => takeTelephone(values, left - 1), 500);
    const notice = make("p", { class: "banner warn row" }, problem.message,
      make("button", { class: "quiet", onclick: () => { notice.remove(); takeTelephone({ take: "yes" }); } }, "改在此页使用电话"));
    $("notices").append(notice);
  }
}
takeTelephone({});
