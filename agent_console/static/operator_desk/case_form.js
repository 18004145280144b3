// The form of a case: filled from the call, proposed upon while it is written, saved without leaving the desk.

import { get, post, postForPart } from "../page/ask.js";
import { timeOfDay } from "../page/clock.js";
import { $, fill, make, show } from "../page/dom.js";
import * as drafts from "./drafts.js";
import { MatterSearch } from "./matter_search.js";

const PAUSE = 500; // ms without a change before the proposal is asked for

export class CaseForm {
  #form;
  #matter;
  #call = ""; // whose case the form holds
  #seen = ""; // the last call that got a form of its own
  #typed = false; // the operator has changed the text, so the transcript no longer does
  #timer = null;

  constructor(form) {
    this.#form = form;
    this.#matter = new MatterSearch(form.elements.matter, () => this.#changed());
    $("check").hidden = true; // the proposal comes by itself
    form.addEventListener("input", ({ target }) => {
      if (target.id === "matter-search" || target.name === "lead") return;
      if (target.name === "text") this.#typed = true;
      this.#changed();
    });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#save(); });
    form.addEventListener("click", ({ target }) => {
      const code = target.closest("[data-matter]")?.dataset.matter;
      if (code) this.#matter.choose(code);
    });
    this.#showDrafts();
  }

  /** The call in hand, or null.  A new call gets a fresh form; what was not saved before is kept as a draft. */
  follow(call) {
    if (!call) return;
    if (call.id !== this.#seen) this.#begin(call);
    if (this.#typed || call.id !== this.#call) return;
    const words = call.turns.filter((turn) => turn.who === "caller").map((turn) => turn.text).join("，");
    if (words && words !== this.#form.elements.text.value) {
      this.#form.elements.text.value = words;
      this.#suggest();
      this.#soon();
    }
  }

  #begin(call) {
    this.#seen = call.id;
    this.#open(call.id, drafts.recall(call.id) ?? { contact: call.caller });
    $("saved").hidden = true;
    this.#suggest();
  }

  #open(call, values) {
    this.#form.reset();
    this.#call = this.#form.elements.call.value = call;
    for (const [name, value] of Object.entries(values)) {
      if (this.#form.elements[name] && name !== "csrf") this.#form.elements[name].value = value;
    }
    this.#typed = Boolean(values.text);
    this.#matter.show();
    fill("suggestions", []);
    $("suggested").hidden = true;
    show("case-call", call ? "与这次通话关联" : "");
    $("proposal").replaceChildren();
    this.#showDrafts();
    if (this.#typed) this.#soon();
  }

  #changed() {
    const { csrf: _, ...values } = Object.fromEntries(new FormData(this.#form));
    drafts.keep(this.#call, values);
    this.#soon();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#propose(), PAUSE);
  }

  async #suggest() {
    const call = this.#call;
    const found = await get("/desk/matters", { call }).catch(() => []);
    if (call !== this.#call) return;
    fill("suggestions", found.map((matter) =>
      make("button", { type: "button", class: "quiet small", "data-code": matter.code, title: matter.because }, matter.zh)));
    $("suggestions").onclick = ({ target }) => target.dataset.code && this.#matter.choose(target.dataset.code);
    $("suggested").hidden = !found.length;
  }

  async #propose() {
    const { text, matter } = this.#form.elements;
    if (!text.value.trim() && !matter.value) return;
    const part = await postForPart("/desk/proposal?part=1", new FormData(this.#form)).catch(() => "");
    $("proposal").replaceChildren(document.createRange().createContextualFragment(part));
  }

  async #save() {
    clearTimeout(this.#timer);
    try {
      const made = await post("/cases", new FormData(this.#form));
      drafts.forget(this.#call);
      this.#open("", {});
      $("saved").replaceChildren("已保存：", make("a", { href: `/cases/${made.number}`, target: "_blank" }, made.number),
        ` ${made.state_zh}`, made.lead_zh ? `，${made.lead_zh}` : "", made.due_zh ? `，${made.due_zh}办结` : "");
      $("saved").className = "banner good saved";
    } catch (problem) {
      show("saved", problem.message);
      $("saved").className = "banner bad saved";
    }
    $("saved").hidden = false;
  }

  #showDrafts() {
    const others = drafts.list().filter(({ call }) => call && call !== this.#call);
    $("drafts").hidden = !others.length;
    fill("draft-list", others.map(({ call, at, values }) => make("button",
      { type: "button", class: "quiet small", "data-call": call },
      `${timeOfDay(at)} ${values.contact || ""} ${(values.text || "").slice(0, 12)}`)));
    $("draft-list").onclick = ({ target }) => {
      const call = target.dataset.call;
      if (call) this.#open(call, drafts.recall(call) ?? {});
    };
  }
}
