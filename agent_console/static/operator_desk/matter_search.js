// A matter is found by typing what it is about, as it is written or as it sounds.  The select beneath stays the truth.

import { get } from "../page/ask.js";
import { make } from "../page/dom.js";

const PAUSE = 150; // ms without a key before the console is asked

export class MatterSearch {
  #select;
  #input;
  #list;
  #found = [];
  #at = -1;
  #timer = null;
  #onChoose;

  /** Puts a search field before the select and hides the select; `onChoose()` after each choice. */
  constructor(select, onChoose) {
    this.#select = select;
    this.#onChoose = onChoose;
    this.#input = make("input", { id: "matter-search", role: "combobox", "aria-expanded": "false", "aria-controls": "matter-list",
      "aria-autocomplete": "list", "aria-label": "事项", placeholder: "输入事项、关键词或读音, 如 暖气", autocomplete: "off" });
    this.#list = make("ul", { id: "matter-list", role: "listbox", class: "listbox", "aria-label": "找到的事项", hidden: true });
    select.before(make("div", { class: "combobox" }, this.#input, this.#list));
    select.closest(".field").querySelector("label").htmlFor = this.#input.id;
    select.hidden = true;
    this.#input.addEventListener("input", () => this.#soon());
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    this.#input.addEventListener("blur", () => { this.#close(); this.show(); });
    this.#list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
      const option = event.target.closest("li");
      if (option) this.choose(option.dataset.code);
    });
    this.show();
  }

  /** The field says what the select holds. */
  show() {
    const chosen = this.#select.selectedOptions[0];
    this.#input.value = chosen?.value ? chosen.textContent.trim() : "";
  }

  choose(code) {
    this.#select.value = code;
    this.#close();
    this.show();
    this.#onChoose();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), PAUSE);
  }

  async #search() {
    const words = this.#input.value.trim();
    this.#found = words ? await get("/desk/matters", { q: words }).catch(() => []) : [];
    if (document.activeElement !== this.#input) return;
    this.#at = this.#found.length ? 0 : -1;
    this.#draw();
  }

  #draw() {
    this.#list.replaceChildren(...this.#found.map((matter, n) => make("li",
      { role: "option", id: `matter-${n}`, "data-code": matter.code, "aria-selected": String(n === this.#at) },
      make("span", {}, matter.zh), make("span", { class: "hint" }, matter.top))));
    this.#list.hidden = !this.#found.length;
    this.#input.setAttribute("aria-expanded", String(!this.#list.hidden));
    if (this.#at >= 0) this.#input.setAttribute("aria-activedescendant", `matter-${this.#at}`);
    else this.#input.removeAttribute("aria-activedescendant");
    this.#list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  #close() {
    clearTimeout(this.#timer);
    this.#found = [];
    this.#at = -1;
    this.#draw();
  }

  #press(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#found.length) {
      event.preventDefault();
      this.#at = (this.#at + step + this.#found.length) % this.#found.length;
      this.#draw();
    } else if (event.key === "Enter" && this.#at >= 0) {
      event.preventDefault();
      this.choose(this.#found[this.#at].code);
    } else if (event.key === "Escape") {
      this.#close();
      this.show();
    }
  }
}
