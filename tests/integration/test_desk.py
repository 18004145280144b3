"""A real operator's browser answers a real call."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from house import House
from playwright.async_api import Browser, Page, async_playwright, expect

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection",
]  # fmt: skip


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        opened = await play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield opened
        await opened.close()


async def sign_in(browser: Browser, house: House, name: str) -> Page:
    (account,) = [a for a in house.told["accounts"] if a["name"] == name]
    page = await (await browser.new_context(permissions=["microphone"])).new_page()
    await page.goto(house.told["console"] + "sign-in")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", account["password"])
    await page.click("main button")
    return page


async def test_an_operator_sees_what_was_said_answers_and_talks(browser: Browser, house: House):
    page = await sign_in(browser, house, "operator1")
    await expect(page.locator("#phone")).to_have_text("已连接", timeout=20_000)
    await page.click("#ready")
    await expect(page.locator("#state")).to_have_text("就绪", timeout=10_000)
    citizen = await house.dial("--say", "转人工", "--stay", "20")
    await expect(page.locator("#answer")).to_be_enabled(timeout=60_000)
    await expect(page.locator("#turns")).to_contain_text("转人工", timeout=5_000)
    await page.click("#answer")
    await expect(page.locator("#state")).to_have_text("通话", timeout=10_000)
    supervisor = await sign_in(browser, house, "supervisor1")
    await expect(supervisor.locator("#operators")).to_contain_text("通话", timeout=10_000)
    await page.click("#hangup")
    await citizen.hang_up()


async def test_a_wrong_password_opens_nothing(browser: Browser, house: House):
    page = await (await browser.new_context()).new_page()
    await page.goto(house.told["console"] + "sign-in")
    await page.fill("input[name=name]", "operator2")
    await page.fill("input[name=password]", "wrong")
    await page.click("main button")
    await expect(page.locator(".problem")).to_have_text("账号或密码不正确。")
    await page.goto(house.told["console"] + "desk")
    await expect(page).to_have_url(re.compile("sign-in"))
