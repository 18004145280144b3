"""Ready, break, talking and wrap-up are real: what the queue does follows from them."""

from pathlib import Path

import pytest
from desks import WITHIN, at_desk, sign_in
from house import Citizen, House, SwitchEar
from playwright.async_api import Browser, Page, expect
from sip import would_register


async def caller(house: House, hum: Path) -> Citizen:
    """Somebody who wants a person and stays."""
    return await house.dial("--key", "0", str(hum), "--interrupt", "0.5", "--deaf")


async def answered(operator: Page) -> None:
    await expect(operator.locator("#answer")).to_be_enabled(timeout=60_000)
    await operator.keyboard.press("F2")
    await expect(operator.locator("#state")).to_have_text("通话", timeout=WITHIN)


async def test_wrap_up_holds_the_next_call_back_until_the_operator_is_ready(house: House, operator: Page, hum: Path):
    state = operator.locator("#state")
    await operator.keyboard.press("F8")
    await expect(state).to_have_text("就绪", timeout=WITHIN)
    async with SwitchEar(house) as ear:
        first, second = await caller(house, hum), await caller(house, hum)
        await answered(operator)
        await expect(operator.locator("#waiting")).to_have_text("1", timeout=WITHIN)
        ear.forget()
        await operator.keyboard.press("F4")
        await expect(state).to_have_text("话后整理", timeout=WITHIN)
        with pytest.raises(TimeoutError):  # the queue tries every second
            await ear.until(lambda e: e.get("Event") == "AgentCalled", bound=3)
        await expect(operator.locator("#waiting")).to_have_text("1")
        await expect(operator.locator("#answer")).to_be_disabled()
        await operator.keyboard.press("F8")
        await ear.until(lambda e: e.get("Event") == "AgentCalled")
    await answered(operator)
    await first.hang_up()
    await second.hang_up()
    await expect(state).to_have_text("话后整理", timeout=WITHIN)


async def test_who_lets_it_ring_is_on_a_break_and_the_caller_still_waits(house: House, operator: Page, hum: Path):
    await operator.keyboard.press("F8")
    citizen = await caller(house, hum)
    await expect(operator.locator("#answer")).to_be_enabled(timeout=60_000)
    await expect(operator.locator("#state")).to_have_text("小休 · 未接听", timeout=WITHIN)
    await expect(operator.locator("#waiting")).to_have_text("1")
    await operator.keyboard.press("F8")
    await answered(operator)
    await citizen.hang_up()
    await expect(operator.locator("#state")).to_have_text("话后整理", timeout=WITHIN)


async def test_a_page_loaded_anew_in_a_call_keeps_the_facts_and_the_caller_comes_back_first(
    house: House, operator: Page, hum: Path
):
    await operator.keyboard.press("F8")
    citizen = await caller(house, hum)
    await answered(operator)
    await expect(operator.get_by_role("button", name="签出")).to_be_disabled()
    number = await operator.locator("#caller").inner_text()
    await operator.fill("#case [name=text]", "写到一半")
    operator.once("dialog", lambda dialog: dialog.accept())
    await operator.reload()
    await expect(operator.locator("#state-note")).to_contain_text("来电人已回到队首", timeout=WITHIN)
    await expect(operator.locator("#caller")).to_have_text(number)
    await expect(operator.locator("#case [name=text]")).to_have_value("写到一半")
    await expect(operator.locator("#phone")).to_have_text("已连接", timeout=WITHIN)
    await operator.keyboard.press("F8")
    await answered(operator)
    await expect(operator.locator("#caller")).to_have_text(number)
    await operator.keyboard.press("F4")
    await expect(operator.locator("#state")).to_have_text("话后整理", timeout=WITHIN)
    await citizen.hang_up()


async def test_a_break_has_a_reason_that_the_supervisor_sees(operator: Page, supervisor: Page):
    await operator.select_option("#reason", "meal")
    await operator.keyboard.press("F9")
    await expect(operator.locator("#state")).to_have_text("小休 · 就餐", timeout=WITHIN)
    await expect(supervisor.locator("#operators")).to_contain_text("小休 · 就餐", timeout=WITHIN)


async def test_a_desk_whose_page_is_gone_gets_no_calls(browser: Browser, house: House, supervisor: Page):
    page = await at_desk(browser, house, "operator2")
    await page.keyboard.press("F8")
    row = supervisor.locator("#operators tr", has_text="话务员二")
    await expect(row).to_contain_text("就绪", timeout=WITHIN)
    await page.context.close()
    await expect(row).to_contain_text("页面已断开", timeout=WITHIN)


async def test_nobody_is_left_talking_to_a_page_that_is_gone(
    browser: Browser, house: House, supervisor: Page, hum: Path
):
    alarms = supervisor.locator("#alarms .alarm")
    before = await alarms.count()
    page = await at_desk(browser, house, "operator2")
    await page.keyboard.press("F8")
    citizen = await caller(house, hum)
    await answered(page)
    await page.context.close()
    await expect(supervisor.locator("#waiting")).to_contain_text("138****", timeout=WITHIN)
    await expect(supervisor.locator("#operators tr", has_text="话务员二")).to_contain_text("页面已断开", timeout=WITHIN)
    await expect(alarms).to_have_count(before + 1, timeout=WITHIN)
    await expect(alarms.first).to_contain_text("话务员通话中断")
    await alarms.first.get_by_role("button", name="确认").click()
    await expect(alarms).to_have_count(before, timeout=WITHIN)
    await citizen.hang_up()


async def test_signing_out_kills_the_password_of_the_softphone(browser: Browser, house: House):
    page = await at_desk(browser, house, "operator2")
    async with page.expect_response("**/phone") as told:
        await page.reload()
    given = await (await told.value).json()
    await expect(page.locator("#phone")).to_have_text("已连接", timeout=WITHIN)
    other = await page.context.new_page()
    await other.goto(house.told["console"] + "cases")
    assert await would_register(house.base + 1, given["user"], given["password"])
    await other.get_by_role("button", name="签出").click()
    await expect(page).to_have_url(house.told["console"] + "sign-in", timeout=WITHIN)
    assert not await would_register(house.base + 1, given["user"], given["password"])
    await page.context.close()


async def test_a_wrong_password_opens_nothing(browser: Browser, house: House):
    page = await (await browser.new_context()).new_page()
    await page.goto(house.told["console"] + "sign-in")
    await page.fill("input[name=name]", "operator2")
    await page.fill("input[name=password]", "wrong")
    await page.click("main button")
    await expect(page.locator(".problem")).to_have_text("账号或密码不正确。")
    await page.goto(house.told["console"] + "desk")
    await expect(page).to_have_url(house.told["console"] + "sign-in")
    await page.context.close()


@pytest.mark.parametrize("name", ["editor1", "unit-district.hbw"])
async def test_others_find_the_desks_closed(browser: Browser, house: House, name: str):
    page = await sign_in(browser, house, name)
    for address in ("desk", "supervisor"):
        answer = await page.goto(house.told["console"] + address)
        assert answer is not None
        assert answer.status == 403
    await page.context.close()
