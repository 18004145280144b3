// How does a page stay true?  The console sends the whole picture whenever it changes; a lost line is found again.

import { setNow } from "./clock.js";

const AGAIN = [500, 5000]; // ms until the next try: first, longest

/** `onPicture(picture)` for each picture; `onLine(there)` when the line to the console comes or goes. */
export function follow(onPicture, onLine = () => {}, query = {}) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  let pause = AGAIN[0];

  function connect() {
    const socket = new WebSocket(`${scheme}://${location.host}/live?${new URLSearchParams(query)}`);
    socket.onopen = () => { pause = AGAIN[0]; onLine(true); };
    socket.onmessage = (message) => {
      const picture = JSON.parse(message.data);
      setNow(picture.now);
      onPicture(picture);
    };
    socket.onclose = (event) => {
      onLine(false);
      if (event.code === 1008) return location.assign("/sign-in"); // signed out, here or in another window
      setTimeout(connect, pause);
      pause = Math.min(pause * 2, AGAIN[1]);
    };
  }
  connect();
}
