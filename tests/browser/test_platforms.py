"""A case goes from a supervisor's page to a platform outside and comes back answered: a real server is the platform."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from desks import faults, sign_in
from house import House
from playwright.async_api import Browser, Page, expect

CARRIED_WITHIN = 90.0  # s: the worker looks every ten, on a busy machine


class Market:
    """The market supervision's platform: gives every case a number of its own."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        assert request.headers["Hotline-Signature"].startswith("t=")
        await self.came.put(json.loads(await request.read()))
        return web.json_response({"number": "M-2026-77"}, status=201)


@pytest.fixture
async def market() -> AsyncIterator[Market]:
    made = Market()
    app = web.Application()
    app.router.add_post("/cases", made.take)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/cases"))
        yield made


async def written(page: Page, house: House) -> str:
    """A case of an operator; its number."""
    await page.goto(house.told["console"] + "desk/case")
    await page.select_option("[name=matter]", label="占道经营与夜市")
    await page.fill("[name=place]", "海勃湾区")
    await page.fill("[name=contact]", "13812345678")
    await page.fill("[name=text]", "夜市摊位卖过期食品, 电话13812345678")
    await page.get_by_role("button", name="保存并派单").click()
    await expect(page.locator("h1")).to_contain_text("工单")
    return page.url.rpartition("/")[2]


async def test_a_case_sent_over_is_taken_in_answered_and_followed_on_its_page(
    browser: Browser, house: House, market: Market
):
    await house.door("routing", "platform", "add", "--name", "p12315", "--zh", "12315平台", "--url", market.url)
    key = await house.say("routing", "key", "new", "--name", "p12315", "--may", "write")
    operator = await sign_in(browser, house, "operator2", java_script_enabled=False)
    number = await written(operator, house)
    page = await sign_in(browser, house, "supervisor1", java_script_enabled=False)
    address = house.told["console"] + f"cases/{number}"
    await page.goto(address)
    form = page.locator('details:has(summary:text-is("转外部平台"))')
    await form.locator("summary").click()
    await form.locator("select").select_option("p12315")
    await form.locator("textarea").fill("食品安全由市场监管负责")
    await form.get_by_role("button", name="转外部平台").click()
    await expect(page.locator("h1")).to_contain_text("移交外部平台")
    async with asyncio.timeout(CARRIED_WITHIN):
        told = await market.came.get()
    assert told["case_number"] == number
    assert "13812345678" not in json.dumps(told)
    async with ClientSession(headers={"Authorization": f"Bearer {key}"}) as client:
        reply = {"case": number, "reply": "已责令摊主下架", "by": "张科"}
        async with client.post(house.told["console"] + "intake/v1/replies", json=reply) as answer:
            assert answer.status == 201
    await page.goto(address)
    await expect(page.locator("h1")).to_contain_text("待回访")
    outside = page.locator("section", has=page.get_by_role("heading", name="外部平台"))
    await expect(outside).to_contain_text("对方已答复")
    await expect(page.get_by_text("已责令摊主下架").first).to_be_visible()
    watching = await sign_in(browser, house, "supervisor1")
    await watching.goto(address)
    assert await faults(watching) == []
    for window in (operator, page, watching):
        await window.context.close()
