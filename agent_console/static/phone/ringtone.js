// How does an operator notice a call while looking elsewhere?  A soft ring and the title of the tab.

const PITCH = 450; // Hz, the call tone Chinese ears know
const PATTERN = [1000, 3000]; // ms on, ms off
const LOUD = 0.08; // of full scale

const title = document.title;
let context = null;
let timer = null;

function beep() {
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.frequency.value = PITCH;
  gain.gain.value = LOUD;
  tone.connect(gain).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + PATTERN[0] / 1000);
}

export function ring() {
  if (timer) return;
  context ??= new AudioContext();
  beep();
  document.title = `☎ 来电 · ${title}`;
  timer = setInterval(beep, PATTERN[0] + PATTERN[1]);
}

export function quiet() {
  clearInterval(timer);
  timer = null;
  document.title = title;
}
