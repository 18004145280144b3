// Who waits, who talks, what must be acknowledged: the picture of the floor as tables.

import { now, timeOfDay } from "../page/clock.js";
import { $, fill, make, stateInWords } from "../page/dom.js";

const WAYS = [["listen", "监听"], ["whisper", "密语"], ["barge", "强插"]];
const LONG_WAIT = 60; // s from which somebody waits too long to be overlooked

export function showFloor(picture, acts) {
  $("away").hidden = picture.connected;
  showAlarms(picture.alarms);
  showFigures(picture);
  fill("waiting", rows(picture.waiting.map(waitingRow), 4, "没有人排队"));
  fill("calls", rows(picture.calls.map(callRow), 5, "没有通话"));
  fill("operators", rows(picture.operators.map((seat) => seatRow(seat, picture.listening)), 4, "没有话务员签入"));
  // one listener per table, so that a row may be drawn anew between press and release
  $("operators").onclick = ({ target }) => target.dataset.mode && acts.listen(target.dataset.operator, target.dataset.mode);
  $("alarms").onclick = ({ target }) => target.dataset.alarm && acts.acknowledge(target.dataset.alarm);
}

const rows = (found, width, none) =>
  found.length ? found : [make("tr", {}, make("td", { colspan: width, class: "empty" }, none))];

const record = (call) => make("td", {}, make("a", { href: `/calls/${call}`, target: "_blank" }, "查看"));
const timer = (since) => make("td", { class: "number", "data-from": since });

function waitingRow(call) {
  return make("tr", {}, make("td", { class: "number" }, String(call.position || "–")),
    make("td", { class: "number" }, call.caller || "未显示"), timer(call.since), record(call.call));
}

function callRow(call) {
  return make("tr", {}, make("td", { class: "number" }, call.caller || "未显示"), make("td", {}, call.phase_zh),
    make("td", {}, call.operator_name || "–"), timer(call.since), record(call.call));
}

function seatRow(seat, listening) {
  const heard = listening?.operator === seat.operator;
  const ways = WAYS.map(([mode, zh]) => make("button", { type: "button", class: "quiet small", "data-mode": mode,
    "data-operator": seat.operator, disabled: heard && listening.mode === mode, "aria-label": `${zh} ${seat.name}` }, zh));
  const state = make("span", { class: `pill ${seat.state}` }, stateInWords(seat));
  const away = seat.reachable ? "" : make("span", { class: "hint" }, " 软电话未连接");
  return make("tr", {}, make("td", {}, seat.name), make("td", {}, state, away), timer(seat.since),
    make("td", {}, seat.state === "talking" ? make("span", { class: "row" }, ...ways) : "–"));
}

/** A sentence in which numbers of cases lead to their pages. */
const linked = (text) => text.split(/(\d{14})/).map((part, at) =>
  at % 2 ? make("a", { href: `/cases/${part}`, target: "_blank", class: "number" }, part) : part);

function showAlarms(alarms) {
  fill("alarms", alarms.map((alarm) => make("div", { class: "alarm" },
    make("span", {}, make("strong", {}, ...linked(alarm.text)), " ", make("span", { class: "number small" }, timeOfDay(alarm.raised)),
      alarm.call ? make("a", { href: `/calls/${alarm.call}`, target: "_blank" }, " 查看通话") : ""),
    make("button", { type: "button", class: "bad small", "data-alarm": alarm.id }, "确认"))));
}

function showFigures({ waiting, counts, service, calls }) {
  const longest = waiting.reduce((first, call) => (!first || call.since < first ? call.since : first), null);
  const late = longest && now() - Date.parse(longest) > LONG_WAIT * 1000;
  const figure = (value, words, bad = false) => make("div", { class: bad ? "figure bad" : "figure" }, value, make("span", {}, words));
  const number = (value) => make("b", {}, String(value));
  fill("figures", [
    figure(number(waiting.length), "正在排队", waiting.length > 0 && counts.ready === 0),
    figure(longest ? make("b", { "data-from": longest }) : number("–"), "最长等待", late),
    figure(number(calls.filter((call) => call.phase === "robot").length), "机器人通话"),
    figure(number(counts.ready), "就绪"),
    figure(number(counts.talking), "通话"),
    figure(number(counts.wrap_up), "话后整理"),
    figure(number(counts.break), "小休"),
    figure(number(service.level === null ? "–" : `${service.level}%`), `今日${service.goal}秒接通`),
    figure(number(`${service.answered}/${service.asked}`), "今日接通/进线"),
    figure(number(service.given_up), "今日放弃"),
  ]);
}
