"""People at their desks: real Chromium windows, signed in at a running house."""

import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
from house import House
from playwright.async_api import Browser, Page, Playwright, expect
from sound import tones, write_tone

OPERATOR_HZ, CITIZEN_HZ, SUPERVISOR_HZ = 440.0, 1000.0, 700.0
ALL = (OPERATOR_HZ, CITIZEN_HZ, SUPERVISOR_HZ)
WITHIN = 20_000  # ms for what a busy machine does in one or two seconds
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
]  # fmt: skip

# The other side's sound as the page plays it: a third of a second of samples, and their rate.
HEARD = """async () => {
  const stream = document.getElementById("sound").srcObject;
  if (!stream) return null;
  const context = window.ear ??= new AudioContext();
  if (window.heardStream !== stream) {
    window.heardStream = stream;
    window.analyser = context.createAnalyser();
    window.analyser.fftSize = 16384;
    context.createMediaStreamSource(stream).connect(window.analyser);
    window.heardSince = context.currentTime;
  }
  if (context.currentTime - window.heardSince < window.analyser.fftSize / context.sampleRate) return null;
  const samples = new Float32Array(window.analyser.fftSize);
  window.analyser.getFloatTimeDomainData(samples);
  return { rate: context.sampleRate, samples: Array.from(samples) };
}"""

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RUN_AXE = """async () => (await axe.run({ resultTypes: ["violations"] })).violations
  .filter((v) => ["serious", "critical"].includes(v.impact))
  .map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`)"""


@contextlib.asynccontextmanager
async def chromium(play: Playwright, folder: Path, hz: float) -> AsyncIterator[Browser]:
    """A browser whose microphone hums."""
    tone = write_tone(folder / f"{hz:.0f}.wav", hz, 4, 48_000)
    browser = await play.chromium.launch(
        executable_path="/usr/bin/chromium", args=[*FLAGS, f"--use-file-for-fake-audio-capture={tone}"]
    )
    yield browser
    await browser.close()


async def sign_in(browser: Browser, house: House, name: str, **context: object) -> Page:
    """A window of one's own, past the sign-in page."""
    (account,) = [a for a in house.told["accounts"] if a["name"] == name]
    page = await (await browser.new_context(permissions=["microphone"], **context)).new_page()  # type: ignore[arg-type]
    await page.goto(house.told["console"] + "sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", account["password"])
    await page.click("main button")
    await page.wait_for_url(lambda address: not address.endswith("/sign-in"))
    return page


async def at_desk(browser: Browser, house: House, name: str) -> Page:
    """Signed in, with the softphone registered."""
    page = await sign_in(browser, house, name)
    await expect(page.locator("#phone")).to_have_text("已连接", timeout=WITHIN)
    return page


async def hears(page: Page, *wanted: float, bound: float = 15.0) -> None:
    """Until the window plays exactly these tones."""
    until, heard = time.monotonic() + bound, set[float]()
    while time.monotonic() < until:
        found = await page.evaluate(HEARD)
        if found is not None:
            heard = tones(np.array(found["samples"]), found["rate"], ALL)
            if heard == set(wanted):
                return
        await page.wait_for_timeout(100)
    raise AssertionError(f"heard {sorted(heard)}, not {sorted(wanted)}")


async def faults(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it stands."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN_AXE)
    return found
