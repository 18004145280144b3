// The browser's telephone: one registration, one call at a time.
import * as JsSIP from "./vendor/jssip.min.js";
export const csrf = () => document.body.dataset.csrf;
export const show = (id, text) => { document.getElementById(id).textContent = text; };
export async function post(path, values, token = csrf()) {
  const answer = await fetch(path, { method: "POST", headers: { "X-CSRF": token, Accept: "application/json" }, body: new URLSearchParams(values) });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(content.problem || answer.status);
  return content;
}
export function media(processing) {
  return { mediaConstraints: { audio: { echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing }, video: false }, pcConfig: { iceServers: [] } };
}
export function start(given, onCall) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new JsSIP.WebSocketInterface(`${scheme}://${location.host}${given.path}`);
  socket.via_transport = "ws";
  const ua = new JsSIP.UA({ sockets: [socket], uri: `sip:${given.user}@${given.domain}`, password: given.password, register: true, register_expires: 60, session_timers: false });
  ua.on("registered", () => show("phone", "已连接"));
  ua.on("disconnected", () => show("phone", "已断开"));
  ua.on("registrationFailed", () => show("phone", "注册失败"));
  ua.on("newRTCSession", (event) => {
    const play = (pc) => pc.addEventListener("track", (e) => { document.getElementById("sound").srcObject = e.streams[0] || new MediaStream([e.track]); });
    if (event.session.connection) play(event.session.connection);
    else event.session.on("peerconnection", (e) => play(e.peerconnection));
    onCall(event.session, event.originator);
  });
  ua.start();
  return ua;
}
export function follow(query, onPicture) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/live${query}`);
  socket.onmessage = (e) => onPicture(JSON.parse(e.data));
  socket.onclose = () => setTimeout(() => follow(query, onPicture), 1000);
}
export function list(id, rows) {
  document.getElementById(id).replaceChildren(...rows.map((row) => {
    const li = document.createElement("li");
    li.append(...[row].flat().filter((x) => x !== null));
    return li;
  }));
}
export function turns(call) {
  list("turns", (call?.turns || []).map((t) => `${t.who === "caller" ? "来电人" : "机器人"}：${t.text}`));
}
