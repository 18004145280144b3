"""The editors' desk: an article from a draft to a caller's ear, four eyes, the gate, two editors at once, files."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio
from desks import sign_in
from house import House
from playwright.async_api import Browser, Page, expect
from sqlalchemy.orm import Session

from routing.database import connect
from routing.records import CallEvent, apply

WITHIN = 60_000  # ms; the gate puts two thousand questions twice
SPOKEN = "火锅店请看消费者协会的榜单，电话0473-2999999，工作日九点开门。"
MEANT_FOR_A_PERSON = "附近哪家火锅好吃"  # so says the golden set
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SERIOUS = """async () => (await axe.run({ resultTypes: ["violations"] })).violations
  .filter((v) => ["serious", "critical"].includes(v.impact))
  .map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`)"""


@pytest_asyncio.fixture(scope="module")
async def anna(browser: Browser, house: House) -> Page:
    return await sign_in(browser, house, "editor1")


@pytest_asyncio.fixture(scope="module")
async def bob(browser: Browser, house: House) -> Page:
    return await sign_in(browser, house, "editor2")


# The line says it, and hears what it said.
SAY_AND_HEAR = """async (text) => {
  const sound = await (await fetch("/knowledge/voice?" + new URLSearchParams({ text }))).blob();
  const headers = { "X-CSRF": document.body.dataset.csrf };
  return await (await fetch("/knowledge/hear", { method: "POST", body: sound, headers })).json();
}"""


async def go(page: Page, house: House, path: str) -> None:
    await page.goto(house.told["console"] + path.lstrip("/"))


async def press(page: Page, key: str) -> None:
    """A key for the page's own script, which listens once the page is loaded."""
    await page.wait_for_load_state()
    await page.keyboard.press(key)


async def write(page: Page, house: House, question: str, spoken: str, *wordings: str) -> str:
    """A new draft of the human-resources bureau; its address."""
    await go(page, house, "knowledge/new")
    await page.fill("#question", question)
    await page.fill("#phrasings", "\n".join(wordings))
    await page.fill("#spoken", spoken)
    await page.fill("#source", "人社局")
    await page.select_option("#owner", "hr_bureau")
    await page.fill("#review", "2030-01-31")
    await press(page, "Control+s")
    await expect(page.get_by_role("button", name="提交单位审核")).to_be_visible()
    return page.url.removeprefix(house.told["console"])


async def test_an_article_is_written_checked_by_four_eyes_and_takes_from_others_only_with_a_yes(
    anna: Page, bob: Page, browser: Browser, house: House
):
    address = await write(anna, house, MEANT_FOR_A_PERSON, "请在9:00-17:00来吃。", "火锅店哪家好")
    await expect(anna.locator(".flaws")).to_contain_text("范围请写成")
    await press(anna, "e")
    await anna.fill("#spoken", SPOKEN)
    await expect(anna.locator("#said-as")).to_contain_text("零四七三二九九九九九九")
    await expect(anna.locator("#flaws li")).to_have_count(0)
    async with anna.expect_response(lambda r: "/knowledge/voice" in r.url) as heard:
        await anna.click("[data-listen]")
    assert (await (await heard.value).body())[:4] == b"RIFF"
    await press(anna, "Control+s")
    await anna.get_by_role("button", name="提交单位审核").click()
    await expect(anna.get_by_role("button", name="发布")).to_have_count(0)
    unit = await sign_in(browser, house, "unit-hr_bureau")
    await go(unit, house, address)
    await unit.get_by_role("button", name="单位审核通过").click()
    await go(anna, house, address)
    await expect(anna.get_by_role("button", name="发布")).to_have_count(0)  # four eyes
    await go(bob, house, address)
    await expect(bob.locator("#gate ~ p").first).to_contain_text("已比较", timeout=WITHIN)
    await expect(bob.locator("details", has_text="抢走")).to_contain_text(MEANT_FOR_A_PERSON)
    await bob.get_by_role("button", name="发布").click()
    await expect(bob.locator(".pill", has_text="播报中")).to_have_count(0)  # the browser wants the box ticked
    await bob.get_by_label("我已逐条看过").check()
    await bob.get_by_role("button", name="发布").click()
    await expect(bob.locator(".pill", has_text="播报中")).to_be_visible()
    await bob.locator("form", has_text="下架").get_by_label("理由").fill("不归热线推荐")
    await bob.get_by_role("button", name="下架").click()
    await expect(bob.locator(".banner")).to_contain_text("来电人现在听不到")
    await unit.context.close()


def a_call(house: House, said: str) -> str:
    """A call the robot could not help with, on record; its id."""
    call, at = uuid.uuid4().hex, datetime.now(UTC)
    facts = [
        ("arrived", {"caller": ""}),
        ("heard", {"text": said}),
        ("decided", {"decision": "unknown"}),
        ("ended", {}),
    ]
    engine = connect(house.database)
    with Session(engine) as session, session.begin():
        for seq, (kind, data) in enumerate(facts):
            apply(session, CallEvent(call, seq, at, kind, dict(data)))
    engine.dispose()
    return call


async def test_of_two_editors_nobody_loses_a_word(anna: Page, bob: Page, house: House):
    await go(anna, house, "knowledge/k0200/edit")
    await go(bob, house, "knowledge/k0200/edit")
    await anna.fill("#fee", "免费")
    await press(anna, "Control+s")
    await expect(anna.locator("dl.facts")).to_contain_text("免费")
    await bob.fill("#fee", "十元")
    await bob.fill("#place", "政务大厅二楼")
    await press(bob, "Control+s")
    await expect(bob.locator(".conflict")).to_contain_text("没有丢失")
    await expect(bob.locator(".conflict")).to_contain_text("免费")
    await expect(bob.locator("#place")).to_have_value("政务大厅二楼")
    await press(bob, "Control+s")
    await expect(bob.locator("dl.facts")).to_contain_text("政务大厅二楼")
    await bob.get_by_role("link", name="比较两版").click()
    await expect(bob.locator(".compare")).to_contain_text("十元")
    await bob.get_by_role("button", name="恢复第 1 版为草稿").click()
    await expect(bob.locator("dl.facts")).not_to_contain_text("十元")


async def test_an_operator_gives_the_callers_words_to_the_right_article_and_reports_a_wrong_one(
    anna: Page, browser: Browser, house: House
):
    call = a_call(house, "帮我写一首诗")
    operator = await sign_in(browser, house, "operator2")
    await go(operator, house, f"knowledge/call/{call}?q=水费怎么交")
    await operator.get_by_text("就是问这个", exact=True).first.click()
    await expect(operator.locator(".banner")).to_contain_text("已补充问法")
    await operator.get_by_text("答案有误", exact=True).first.click()
    await expect(operator.locator(".banner")).to_contain_text("已报告")
    await go(anna, house, "knowledge/misses")
    await anna.get_by_role("button", name="读取最新来电").click()
    await anna.locator(".title").first.click()
    await anna.get_by_role("button", name="撰写新条目").click()
    await expect(anna.locator("#question")).not_to_have_value("")
    await go(anna, house, "knowledge/due")
    await expect(anna.locator(".report")).to_contain_text("这个答案不对")
    await anna.get_by_label("处理结果").first.fill("已更正")
    await anna.get_by_role("button", name="答复").first.click()
    await expect(anna.locator(".report")).to_have_count(0)
    await operator.context.close()


async def test_a_file_is_shown_with_its_errors_and_comes_in_only_when_there_are_none(
    anna: Page, house: House, tmp_path: Path
):
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes("问题,口播答案\n怎么放风筝,到广场放。\n怎么钓鱼,\n".encode("gb18030"))
    good.write_text(
        "\n".join(json.dumps({"question": f"怎么玩第{n}种游戏", "answer": "照说明玩。"}) for n in range(30))
    )
    for file, said in ((bad, "有错误, 没有导入"), (good, "可以导入")):
        await go(anna, house, "knowledge/exchange")
        await anna.set_input_files("[type=file]", file)
        await anna.get_by_role("button", name="读取并预览").click()
        await expect(anna.locator("h1 .pill")).to_have_text(said, timeout=WITHIN)
    await anna.get_by_role("button", name="全部写入为草稿").click()
    await expect(anna.locator("h1 .pill")).to_have_text("已导入", timeout=WITHIN)
    async with anna.expect_download() as fetched:
        await anna.evaluate("location.href = '/knowledge/export?format=csv'")
    file = Path(await (await fetched.value).path())
    text = file.read_text(encoding="utf-8-sig")
    assert ("怎么玩第29种游戏" in text, "怎么放风筝" in text) == (True, False)


async def test_what_is_spoken_into_the_browser_is_understood_as_on_the_telephone(anna: Page, house: House):
    await go(anna, house, "knowledge/try")
    await expect(anna.locator("#speak")).to_be_visible()
    heard = await anna.evaluate(SAY_AND_HEAR, "居住证怎么办理")
    assert heard == {"words": "居住证怎么办理"}


async def test_every_page_of_the_knowledge_can_be_used_by_everybody(anna: Page, house: House):
    pages = [
        "",
        "/new",
        "/k0146",
        "/k0146/edit",
        "/k0146/revisions",
        "/try?q=水费怎么交",
        "/misses",
        "/due",
        "/hits",
        "/exchange",
    ]
    for path in pages:
        await go(anna, house, "knowledge" + path)
        await anna.evaluate(AXE)
        assert await anna.evaluate(SERIOUS) == [], path


async def test_an_article_is_written_and_taken_further_without_scripts(browser: Browser, house: House):
    page = await sign_in(browser, house, "editor1", java_script_enabled=False)
    await go(page, house, "knowledge/new?question=风筝比赛怎么报名")
    await page.fill("#spoken", "请到文化馆报名。")
    await page.get_by_role("button", name="保存草稿").click()
    await expect(page.locator(".flaws")).to_contain_text("请填写责任单位")
    await page.get_by_role("link", name="编辑").click()
    await page.select_option("#owner", "hr_bureau")
    await page.fill("#source", "文化馆")
    await page.fill("#review", "2030-01-31")
    await page.get_by_role("button", name="保存").click()
    await page.get_by_role("button", name="提交单位审核").click()
    await expect(page.locator("#life")).to_contain_text("单位审核")
    await page.context.close()
