"""A real operator's browser answers a real call, and a supervisor's listens in: tones are measured at every ear.

One call is lived through from test to test, in the order in which they stand.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from desks import CITIZEN_HZ, OPERATOR_HZ, SUPERVISOR_HZ, WITHIN, faults, hears, sign_in
from house import Citizen, House
from playwright.async_api import Browser, Page, expect
from sound import WINDOW, timeline

WISH = "海勃湾区暖气不热转人工"


@dataclass
class Talk:
    citizen: Citizen
    folder: Path  # where the citizen keeps what was heard
    moments: dict[str, float] = field(default_factory=dict)
    number: str = ""  # of the case

    def mark(self, what: str) -> None:
        self.moments[what] = time.monotonic()


@pytest_asyncio.fixture(scope="module")
async def talk(house: House, operator: Page, hum: Path, tmp_path_factory) -> AsyncIterator[Talk]:
    await operator.keyboard.press("F8")
    await expect(operator.locator("#state")).to_have_text("就绪", timeout=WITHIN)
    folder = tmp_path_factory.mktemp("kept")
    citizen = await house.dial("--number", "13800138000", "--say", WISH, str(hum), "--interrupt", "0.5",
                               "--keep", str(folder), "--deaf")  # fmt: skip
    yield Talk(citizen, folder)
    await citizen.hang_up()


@pytest.mark.usefixtures("talk")
async def test_the_call_rings_with_what_was_said_and_why_it_came(operator: Page):
    await expect(operator.locator("#answer")).to_be_enabled(timeout=60_000)
    await expect(operator.locator("#state")).to_have_text("振铃")
    await expect(operator.locator("#caller")).to_have_text("13800138000", timeout=WITHIN)
    await expect(operator.locator("#turns .caller")).to_contain_text("暖气不热", timeout=WITHIN)
    await expect(operator.locator("#because")).to_contain_text("来电人要求人工")
    await expect(operator.locator("#tried")).to_contain_text("转人工")


async def test_one_key_answers_and_each_hears_the_other(talk: Talk, operator: Page):
    await operator.keyboard.press("F2")
    await expect(operator.locator("#state")).to_have_text("通话", timeout=WITHIN)
    await hears(operator, CITIZEN_HZ)
    talk.mark("talking")


async def test_mute_is_silence_and_hold_is_music_until_it_is_taken_back(operator: Page, supervisor: Page):
    await supervisor.click("[data-mode=listen]")
    await hears(supervisor, OPERATOR_HZ, CITIZEN_HZ)
    for button in ("#mute", "#hold"):
        await operator.click(button)
        await expect(operator.locator(button)).to_have_attribute("aria-pressed", "true", timeout=WITHIN)
        await hears(supervisor, CITIZEN_HZ)
        await operator.click(button)
        await hears(supervisor, OPERATOR_HZ, CITIZEN_HZ)


async def test_whispering_reaches_the_operator_only(talk: Talk, operator: Page, supervisor: Page):
    await expect(supervisor.locator("#listening")).to_contain_text("话务员一")
    await hears(operator, CITIZEN_HZ)
    assert [*await faults(operator), *await faults(supervisor)] == []
    await supervisor.click("#listening [data-mode=whisper]")
    await hears(operator, CITIZEN_HZ, SUPERVISOR_HZ)
    await hears(supervisor, OPERATOR_HZ, CITIZEN_HZ)
    talk.mark("whispering")


async def test_joining_reaches_both_and_stopping_neither(talk: Talk, operator: Page, supervisor: Page):
    talk.mark("about to join")
    await supervisor.click("#listening [data-mode=barge]")
    await expect(supervisor.locator("#listening-mode")).to_have_text("强插", timeout=WITHIN)
    await hears(operator, CITIZEN_HZ, SUPERVISOR_HZ)
    talk.mark("joined")
    await operator.wait_for_timeout(3 * 1000 * WINDOW)  # the length of sound that is measured at the citizen's ear
    await supervisor.click("[data-stop]")
    await expect(supervisor.locator("#listening")).to_be_hidden(timeout=WITHIN)
    await hears(operator, CITIZEN_HZ)
    talk.mark("stopped")


async def test_a_case_is_written_from_what_was_said_and_its_number_shown(talk: Talk, operator: Page):
    form = operator.locator("#case")
    await expect(form.locator("[name=contact]")).to_have_value("13800138000")
    await expect(form.locator("[name=text]")).to_have_value("海勃湾区暖气不热转人工")
    await expect(operator.locator("#suggestions button").first).to_be_visible()
    await operator.fill("#matter-search", "luanting")  # 乱停, as it is typed
    await expect(operator.locator("#matter-list")).to_be_visible()
    await operator.press("#matter-search", "Escape")
    await operator.click("#suggestions button >> nth=0")
    await form.locator("[name=place]").fill("海勃湾区")
    await form.locator("[name=text]").fill("家里暖气不热，请打13800138000联系我")
    await expect(operator.locator("#proposal")).to_contain_text("时限", timeout=WITHIN)
    await form.get_by_role("button", name="保存并派单").click()
    saved = operator.locator("#saved a")
    await expect(saved).to_be_visible(timeout=WITHIN)
    talk.number = await saved.inner_text()
    assert len(talk.number) == 14


async def test_the_unit_finds_the_case_in_its_list_and_no_number_of_the_caller(
    talk: Talk, browser: Browser, house: House
):
    unit = await sign_in(browser, house, "unit-district.hbw")
    await expect(unit.locator("main table")).to_contain_text(talk.number)
    await unit.click(f"text={talk.number}")
    await expect(unit.locator("main")).to_contain_text("暖气不热")
    assert "13800138000" not in await unit.content()
    await expect(unit.locator("main")).to_contain_text("[号码由热线保管]")
    await unit.context.close()


async def test_the_citizen_heard_the_operator_and_the_supervisor_only_when_joining(talk: Talk):
    talk.citizen.process.terminate()
    talk.mark("hung up")
    await talk.citizen.end()
    heard = timeline(talk.folder / "heard.wav", (OPERATOR_HZ, SUPERVISOR_HZ))

    def between(first: str, last: str) -> list[set[float]]:
        """The windows from one moment to another, counted from the end of the recording, half a second off each."""
        begin, end = (talk.moments["hung up"] - talk.moments[m] for m in (first, last))
        return heard[len(heard) - int((begin - 0.5) / WINDOW) : len(heard) - int((end + 0.5) / WINDOW)]

    assert {OPERATOR_HZ} in between("talking", "whispering"), "the operator's voice reached the citizen"
    assert not any(SUPERVISOR_HZ in window for window in between("talking", "about to join"))
    assert {OPERATOR_HZ, SUPERVISOR_HZ} in between("joined", "stopped")
    assert not any(SUPERVISOR_HZ in window for window in heard[len(heard) - int(
        (talk.moments["hung up"] - talk.moments["stopped"] - 0.5) / WINDOW):])  # fmt: skip


async def test_who_listened_is_kept(house: House):
    actions = [row["action"] for row in await house.door("agent_console", "actions")]
    assert [a for a in actions if a in {"listen", "whisper", "barge"}] == ["listen", "whisper", "barge"]
    assert actions.count("stop") == 3, "each way of listening ended when the next began, or by the button"
