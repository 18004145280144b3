"""Grid officers in the street: a telephone's page, photographs with a place in them, and no net half of the day."""

import asyncio
import io
from pathlib import Path

import pytest
from desks import WITHIN, faults, sign_in
from house import House
from photos import CAMERA, photo
from PIL import Image
from playwright.async_api import Browser, Page, Route, expect

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """What the telephone's camera made."""
    file = tmp_path / "IMG_0001.jpg"
    file.write_bytes(photo(1600, 1200, sideways=True))
    return file


async def in_the_street(browser: Browser, house: House, name: str, **more: object) -> Page:
    return await sign_in(browser, house, name, viewport=PHONE, has_touch=True, is_mobile=True, **more)


async def fill(page: Page, shot: Path, text: str, matter: str = "井盖缺失破损") -> None:
    await page.set_input_files("#photo", shot)
    await page.select_option("#matter", label=matter)
    await page.fill("[name=text]", text)
    await page.fill("#landmark", "小区南门")
    await page.fill("#metres", "30")


async def report(page: Page, house: House, shot: Path, text: str) -> str:
    """Sent as a plain form; the case's number."""
    await page.goto(house.told["console"] + "grid/report")
    await fill(page, shot, text)
    await page.get_by_role("button", name="上报").click()
    await expect(page.locator("h1")).to_contain_text("工单")
    return page.url.rpartition("/")[2]


async def test_an_officer_reports_without_scripts_and_the_photograph_tells_no_place(
    browser: Browser, house: House, shot: Path
):
    page = await in_the_street(browser, house, "grid1", java_script_enabled=False)
    await expect(page.locator("h1")).to_contain_text("第1网格")
    number = await report(page, house, shot, "井盖缺了一角")
    await expect(page.get_by_text("距小区南门约30米")).to_be_visible()
    address = await page.locator(".photos img").get_attribute("src")
    answer = await page.request.get(house.told["console"].rstrip("/") + (address or ""))
    kept = await answer.body()
    picture = Image.open(io.BytesIO(kept))
    assert dict(picture.getexif()) == {}
    assert CAMERA.encode() not in kept
    assert picture.size == (1600, 1200)  # upright
    await page.goto(house.told["console"] + "grid")
    await expect(page.locator(f'a[href="/cases/{number}"]').first).to_be_visible()
    await page.context.close()


async def test_a_draft_waits_on_the_telephone_until_the_net_is_back_and_is_one_case_even_if_the_answer_is_lost(
    browser: Browser, house: House, shot: Path
):
    page = await in_the_street(browser, house, "grid1")
    await page.goto(house.told["console"] + "grid/report")
    await page.evaluate("navigator.serviceWorker.ready")
    await page.reload()  # the page is kept from now on
    await page.context.set_offline(True)
    await expect(page.locator("#no-net")).to_be_visible()
    await fill(page, shot, "没有网时看到井盖翘起")
    await page.get_by_role("button", name="上报").click()
    draft = page.locator("#draft-list li")
    await expect(draft).to_contain_text("没有网时看到井盖翘起")
    await expect(draft).to_contain_text("照片 1 张")
    await page.reload()  # the telephone was put away and taken out again, still without a net
    await expect(draft).to_contain_text("有网时自动上报")
    sent: list[int] = []
    lost = asyncio.Event()

    async def lose_the_answer(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        answer = await route.fetch()
        sent.append(answer.status)
        await (route.fulfill(response=answer) if lost.is_set() else route.abort())
        lost.set()

    await page.context.route("**/grid/report", lose_the_answer)
    await page.context.set_offline(False)
    async with asyncio.timeout(WITHIN / 1000):
        await lost.wait()  # the hotline has the report, and the telephone does not know it
    await page.reload()
    await expect(page.locator("#told a")).to_be_visible(timeout=WITHIN)
    await expect(draft).to_have_count(0)
    assert sent == [201, 201]
    await page.goto(house.told["console"] + "grid")
    mine = page.locator("section", has=page.get_by_role("heading", name="我上报的"))
    await expect(mine.get_by_text("没有网时看到井盖翘起")).to_have_count(1)
    await page.context.close()


async def test_a_draft_stays_its_officers_when_another_takes_the_telephone(browser: Browser, house: House, shot: Path):
    page = await in_the_street(browser, house, "grid1")
    await page.goto(house.told["console"] + "grid/report")
    await fill(page, shot, "先存着")
    await page.get_by_role("button", name="存草稿").click()
    await expect(page.locator("#draft-list li")).to_have_count(1)
    await page.get_by_role("button", name="签出").click()
    (account,) = [a for a in house.told["accounts"] if a["name"] == "grid2"]
    await page.fill("input[name=name]", "grid2")
    await page.fill("input[name=password]", account["password"])
    await page.click("main button")
    await page.wait_for_url("**/grid")
    await page.goto(house.told["console"] + "grid/report")
    await expect(page.locator("#grid option")).not_to_have_count(1)
    await expect(page.locator("#drafts")).to_be_hidden()
    await page.context.close()


async def test_another_officer_looks_whether_it_was_done_and_closes_it_there(
    browser: Browser, house: House, shot: Path
):
    first = await in_the_street(browser, house, "grid1", java_script_enabled=False)
    number = await report(first, house, shot, "井盖不见了")
    unit = await sign_in(browser, house, "unit-district.hbw", java_script_enabled=False)
    await unit.goto(house.told["console"] + f"cases/{number}")
    await unit.get_by_role("button", name="签收").click()
    answer = unit.locator("details", has=unit.get_by_role("button", name="办理反馈"))
    await answer.get_by_label("办理结果").fill("换了新井盖")
    await answer.locator("input[type=file]").set_input_files(shot)
    await answer.get_by_role("button", name="办理反馈").click()
    await expect(unit.locator("h1")).to_contain_text("已反馈待审核")
    supervisor = await sign_in(browser, house, "supervisor1", java_script_enabled=False)
    await supervisor.goto(house.told["console"] + f"cases/{number}")
    await supervisor.get_by_role("button", name="审核通过").click()
    second = await in_the_street(browser, house, "grid2")
    await second.click(f'a[href="/cases/{number}"]')
    verify = second.locator("details", has=second.get_by_role("button", name="核查通过"))
    await verify.get_by_label("核查地点").fill("距小区南门约30米")
    await verify.locator("input[type=file]").set_input_files(shot)
    assert await faults(second) == []
    await verify.get_by_role("button", name="核查通过").click()
    await expect(second.locator("h1")).to_contain_text("办结")
    for page in (first, unit, supervisor, second):
        await page.context.close()


async def test_a_supervisor_comes_from_the_alarm_to_the_case(browser: Browser, house: House, shot: Path):
    supervisor = await sign_in(browser, house, "supervisor1")  # closed again: one person has one telephone
    officer = await in_the_street(browser, house, "grid1", java_script_enabled=False)
    number = await report(officer, house, shot, "井盖下面有很浓的煤气味")
    alarm = supervisor.locator(".alarm", has_text=number)
    await expect(alarm.get_by_role("link", name=number)).to_have_attribute("href", f"/cases/{number}")
    assert await faults(supervisor) == []
    await alarm.get_by_role("button", name="确认").click()
    await expect(alarm).to_have_count(0)
    for page in (officer, supervisor):
        await page.context.close()


async def test_the_pages_of_the_street_have_no_serious_fault_and_fit_the_telephone(browser: Browser, house: House):
    page = await in_the_street(browser, house, "grid2")
    for address in ("grid", "grid/report", "password"):
        await page.goto(house.told["console"] + address)
        assert await faults(page) == [], address
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], address
    await page.context.close()
