"""Somebody rings 12345 from a browser, without an account."""

from desks import WITHIN
from house import House, SwitchEar
from playwright.async_api import Browser, expect


async def test_a_visitor_rings_sees_the_conversation_asks_for_a_person_and_may_ring_again(
    browser: Browser, house: House
):
    page = await (await browser.new_context(permissions=["microphone"])).new_page()
    await page.goto(house.told["console"] + "call")
    async with SwitchEar(house) as ear:
        await page.click("#dial")
        await expect(page.locator("#phone")).to_have_text("通话中", timeout=WITHIN)
        await expect(page.locator("#turns .robot").first).to_contain_text("一二三四五", timeout=WITHIN)
        await page.click("#zero")
        await ear.until_queued()
        await page.click("#hangup")
        await expect(page.locator("#phone")).to_have_text("已挂断", timeout=WITHIN)
        ear.forget()
        await page.click("#dial")
        await ear.until(lambda e: e.get("UserEvent") == "CallArrived")
        await expect(page.locator("#phone")).to_have_text("通话中", timeout=WITHIN)
    await page.context.close()
