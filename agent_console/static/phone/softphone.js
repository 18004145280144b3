// The browser's telephone: one registration, one call at a time.  Says what happens by events; touches no page.

import { UA, WebSocketInterface } from "../vendor/jssip.min.js";

const REGISTER_EVERY = 60; // s; Asterisk takes the telephone for gone soon after

/** Whether the browser lets us have a microphone at all; an Error in Chinese when not. */
export async function checkMicrophone() {
  if (!navigator.mediaDevices) throw new Error("浏览器不允许使用麦克风: 请用 https 打开本页");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
  } catch {
    throw new Error("没有可用的麦克风: 请连接耳麦并允许本页使用");
  }
}

/**
 * Events: "registration" (detail: "connecting", "registered", "lost" or "refused") and "call" (no detail; read `call`).
 * `call` is null or { phase: "ringing" | "dialling" | "talking", from, muted, held }.
 */
export class Softphone extends EventTarget {
  #given;
  #audio;
  #ua = null;
  #session = null;
  #newestWins;

  /**
   * `given` is the console's answer to POST /phone; `audio` the element that plays the other side.  A second call is
   * refused, unless the newest one wins: for a telephone that rings only when its own page asked.
   */
  constructor(given, audio, { newestWins = false } = {}) {
    super();
    this.#newestWins = newestWins;
    this.#given = given;
    this.#audio = audio;
    this.call = null;
  }

  start() {
    const { user, password, domain, path } = this.#given;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocketInterface(`${scheme}://${location.host}${path}`);
    socket.via_transport = "ws"; // what Asterisk sees; the browser's own line may be wss
    this.#ua = new UA({
      sockets: [socket], uri: `sip:${user}@${domain}`, password, register: true, register_expires: REGISTER_EVERY,
      session_timers: false,
    });
    this.#ua.on("connecting", () => this.#tell("registration", "connecting"));
    this.#ua.on("registered", () => this.#tell("registration", "registered"));
    this.#ua.on("disconnected", () => this.#tell("registration", "lost"));
    this.#ua.on("registrationFailed", ({ response }) => {
      const refused = response && [401, 403, 404, 407].includes(response.status_code);
      this.#tell("registration", refused ? "refused" : "lost");
      if (refused) this.#ua.stop(); // another page has the telephone now; asking on would only fill the log
    });
    this.#ua.on("newRTCSession", ({ session, originator }) => this.#take(session, originator));
    this.#ua.start();
  }

  stop() { this.#ua?.stop(); }
  answer() { if (this.call?.phase === "ringing") this.#session.answer(this.#media()); }
  hangUp() { this.#session?.terminate(); }
  key(digit) { if (this.call?.phase === "talking") this.#session.sendDTMF(digit); }
  dial(number) { this.#ua.call(`sip:${number}@${this.#given.domain}`, this.#media()); }

  toggleMute() {
    if (this.call?.phase !== "talking") return;
    if (this.call.muted) this.#session.unmute({ audio: true });
    else this.#session.mute({ audio: true });
  }

  toggleHold() {
    if (this.call?.phase !== "talking") return;
    if (this.call.held) this.#session.unhold();
    else this.#session.hold();
  }

  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  #media() {
    const processing = this.#given.processing;
    const audio = { echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing };
    return { mediaConstraints: { audio, video: false }, pcConfig: { iceServers: [] } };
  }

  #take(session, originator) {
    const before = this.#session;
    if (before && !this.#newestWins) return session.terminate({ status_code: 486 }); // one call at a time
    this.#session = session;
    before?.terminate();
    const incoming = originator === "remote";
    this.#change({ phase: incoming ? "ringing" : "dialling", from: session.remote_identity.uri.user, muted: false, held: false });
    const hear = (connection) => connection.addEventListener("track", ({ streams, track }) => {
      this.#audio.srcObject = streams[0] ?? new MediaStream([track]);
    });
    if (session.connection) hear(session.connection);
    else session.on("peerconnection", ({ peerconnection }) => hear(peerconnection));
    session.on("confirmed", () => this.#change({ phase: "talking" }));
    session.on("muted", () => this.#change({ muted: true }));
    session.on("unmuted", () => this.#change({ muted: false }));
    session.on("hold", ({ originator: who }) => who === "local" && this.#change({ held: true }));
    session.on("unhold", ({ originator: who }) => who === "local" && this.#change({ held: false }));
    for (const end of ["ended", "failed"]) session.on(end, () => this.#over(session));
  }

  #change(news) {
    this.call = { ...this.call, ...news };
    this.#tell("call");
  }

  #over(session) {
    if (session !== this.#session) return;
    this.#session = this.call = null;
    this.#audio.srcObject = null;
    this.#tell("call");
  }
}
