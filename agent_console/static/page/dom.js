// The few things every page does with its elements.  Text is always set as text, never as HTML.

export const $ = (id) => document.getElementById(id);

export function show(id, text) {
  const element = $(id);
  if (element.textContent !== String(text)) element.textContent = text;
}

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

/** Replace the children of an element, unless they would look the same: a button being pressed stays in place. */
export function fill(id, children) {
  const element = $(id);
  const fresh = make(element.tagName, {}, ...children);
  if (fresh.innerHTML !== element.innerHTML) element.replaceChildren(...fresh.childNodes);
}

/** The conversation as it stands in the record, newest in sight. */
export function showTurns(id, turns) {
  const element = $(id);
  const before = element.childElementCount;
  fill(id, turns.map((turn) => make("li", { class: turn.who },
    make("span", { class: "who" }, turn.who === "caller" ? "来电人" : "机器人"),
    turn.text,
    ...turn.notes.map((note) => make("span", { class: "note" }, note)))));
  if (element.childElementCount !== before) element.lastElementChild?.scrollIntoView({ block: "nearest" });
}

/** 小休 · 就餐; the reason alone says nothing new when it is the state's own name. */
export function stateInWords(seat) {
  return seat.reason && seat.reason !== seat.state_zh ? `${seat.state_zh} · ${seat.reason}` : seat.state_zh;
}
