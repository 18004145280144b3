"""Every page of the desks can be used by everybody: no serious fault that axe finds, and forms that need no script."""

import pytest
from desks import faults, sign_in
from house import House
from playwright.async_api import Browser, expect


async def test_a_case_is_written_and_worked_on_without_scripts(browser: Browser, house: House):
    page = await sign_in(browser, house, "operator2", java_script_enabled=False)
    await page.goto(house.told["console"] + "desk/case")
    await page.select_option("[name=matter]", label="供热温度不达标")
    await page.fill("[name=place]", "海勃湾区")
    await page.fill("[name=text]", "暖气不热")
    await page.click("#check")
    await expect(page.locator(".proposal")).to_contain_text("海勃湾区")
    await expect(page.locator(".proposal")).to_contain_text("时限")
    await page.get_by_role("button", name="保存并派单").click()
    await expect(page.locator("h1")).to_contain_text("已派单待签收")
    number = page.url.rpartition("/")[2]
    unit = await sign_in(browser, house, "supervisor1", java_script_enabled=False)
    await unit.goto(house.told["console"] + f"cases/{number}")
    reminding = unit.locator("details", has_text="督办")
    await reminding.locator("summary").click()
    await reminding.locator("textarea").fill("供暖季, 请当天上门")
    await reminding.get_by_role("button").click()
    await expect(unit.locator("h1")).to_contain_text("督办 1 次")
    await page.context.close()
    await unit.context.close()


async def test_a_unit_signs_and_answers_its_case_and_is_told_what_is_missing(browser: Browser, house: House):
    page = await sign_in(browser, house, "operator2", java_script_enabled=False)
    await page.goto(house.told["console"] + "desk/case")
    await page.select_option("[name=matter]", label="占道经营与夜市")
    await page.fill("[name=place]", "海勃湾区")
    await page.fill("[name=text]", "路口有人占道摆摊")
    await page.click("#check")
    await page.get_by_label("海勃湾区人民政府").check()
    await page.get_by_role("button", name="保存并派单").click()
    number = page.url.rpartition("/")[2]
    unit = await sign_in(browser, house, "unit-district.hbw", java_script_enabled=False)
    await unit.get_by_role("link", name="待签收").click()
    await unit.click(f"text={number}")
    await unit.get_by_role("button", name="签收").click()
    await expect(unit.locator("h1")).to_contain_text("办理中")
    answer = unit.locator("details", has=unit.get_by_role("button", name="办理反馈"))
    await answer.locator("textarea").fill("已清理")
    await answer.locator("input[name=contacted]").fill("   ")
    await answer.get_by_role("button", name="办理反馈").click()
    await expect(unit.locator(".problem")).to_have_text("请填写联系来电人的情况")
    await answer.locator("textarea").fill("已清理")
    await answer.locator("input[name=contacted]").fill("今天上午电话联系, 来电人表示认可")
    await answer.get_by_role("button", name="办理反馈").click()
    await expect(unit.locator("h1")).to_contain_text("已反馈待审核")
    await page.context.close()
    await unit.context.close()


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("operator2", ["desk", "desk/case", "cases", "password"]),
        ("supervisor1", ["supervisor", "cases"]),
        ("unit-district.hbw", ["figures/own", "cases"]),
    ],
)
async def test_no_page_has_a_serious_fault(browser: Browser, house: House, name: str, addresses: list[str]):
    page = await sign_in(browser, house, name)
    for address in addresses:
        await page.goto(house.told["console"] + address)
        assert await faults(page) == [], address
    if name != "operator2":
        await page.locator("td a").first.click()
        await expect(page.locator("h1")).to_contain_text("工单")
        assert await faults(page) == [], "a case"
    await page.context.close()


async def test_the_doors_have_no_serious_fault(browser: Browser, house: House):
    page = await (await browser.new_context()).new_page()
    for address in ("sign-in", "call"):
        await page.goto(house.told["console"] + address)
        assert await faults(page) == [], address
    await page.context.close()
