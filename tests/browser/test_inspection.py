"""An inspector asks who saw a case, and gets an answer; nobody else may ask."""

from desks import faults, sign_in
from house import House
from playwright.async_api import Browser, expect


async def opened(browser: Browser, house: House) -> str:
    """The number of a new case of the district."""
    page = await sign_in(browser, house, "operator2", java_script_enabled=False)
    await page.goto(house.told["console"] + "desk/case")
    await page.select_option("[name=matter]", label="占道经营与夜市")
    await page.fill("[name=place]", "海勃湾区")
    await page.fill("[name=contact]", "13812345678")
    await page.fill("[name=text]", "夜市占了整条路")
    await page.click("#check")
    await page.get_by_label("海勃湾区人民政府").check()
    await page.get_by_role("button", name="保存并派单").click()
    number = page.url.rpartition("/")[2]
    await page.context.close()
    return number


async def test_an_inspector_learns_who_saw_and_who_handled_a_case(browser: Browser, house: House):
    number = await opened(browser, house)
    unit = await sign_in(browser, house, "unit-district.hbw")
    await unit.goto(house.told["console"] + f"cases/{number}")
    await unit.get_by_role("button", name="签收").click()
    page = await sign_in(browser, house, "auditor1")
    await page.get_by_label("工单编号").fill(number)
    await page.keyboard.press("Enter")
    await expect(page.locator(".pill.good")).to_have_text("记录完整")
    await expect(page.locator("[aria-labelledby=whole]")).to_contain_text("海勃湾区人民政府 2 次")
    lines = page.locator("tbody tr")
    await expect(lines.filter(has_text="办理：派单")).to_contain_text("operator2")
    await expect(lines.filter(has_text="办理：签收")).to_contain_text("unit-district.hbw")
    await expect(lines.filter(has_text="查看：办理工单").first).to_contain_text("承办单位")
    assert await faults(page) == []
    async with page.expect_download() as fetched:
        await page.get_by_role("link", name="下载 CSV").click()
    assert "海勃湾区人民政府" in (await (await fetched.value).path()).read_text("utf-8-sig")
    await page.goto(house.told["console"] + f"cases/{number}")
    await expect(page.locator("[aria-labelledby=acts]")).to_contain_text("现在没有需要您办理的")
    await expect(page.locator("main")).to_contain_text("138****5678")
    await expect(page.locator("main")).not_to_contain_text("13812345678")
    await page.goto(house.told["console"] + "inspect?q=auditor1")
    await expect(page.locator("tbody")).to_contain_text("检查")
    for one in (page, unit):
        await one.context.close()


async def test_a_citizen_may_hear_which_offices_saw_their_case(browser: Browser, house: House):
    number = await opened(browser, house)
    operator = await sign_in(browser, house, "operator2", java_script_enabled=False)
    await operator.goto(house.told["console"] + f"cases/{number}")
    seen = operator.locator("dt:has-text('谁看过') + dd")
    await expect(seen).to_have_text("热线 2 次")
    unit = await sign_in(browser, house, "unit-district.hbw")
    await unit.goto(house.told["console"] + f"cases/{number}")
    await expect(unit.locator("main")).not_to_contain_text("谁看过")
    await operator.reload()
    await expect(seen).to_have_text("热线 3 次、海勃湾区人民政府 1 次")
    for one in (operator, unit):
        await one.context.close()


async def test_a_dispatcher_signs_what_nobody_was_named_for(browser: Browser, house: House):
    writer = await sign_in(browser, house, "operator2", java_script_enabled=False)
    await writer.goto(house.told["console"] + "desk/case")
    await writer.select_option("[name=matter]", label="占道经营与夜市")
    await writer.fill("[name=text]", "有人占道, 说不清在哪里")
    await writer.click("#check")
    await writer.get_by_role("button", name="保存").first.click()
    number = writer.url.rpartition("/")[2]
    page = await sign_in(browser, house, "dispatcher1")
    await page.locator("td a", has_text=number).click()
    form = page.locator("details", has=page.get_by_role("button", name="派单", exact=True))
    await form.locator("input[list=units]").fill("海勃湾区人民政府")
    await form.locator("textarea, input[name=reason]").first.fill("来电人回电说在海勃湾区")
    await form.get_by_role("button", name="派单", exact=True).click()
    await expect(page.locator("h1")).to_contain_text("已派单待签收")
    for one in (page, writer):
        await one.context.close()


async def test_nobody_else_may_inspect(browser: Browser, house: House):
    for name in ("operator2", "unit-district.hbw", "editor1", "admin"):
        page = await sign_in(browser, house, name)
        answer = await page.goto(house.told["console"] + "inspect")
        assert answer is not None
        assert answer.status == 403
        await page.context.close()
