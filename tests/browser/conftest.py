"""One hotline and two browsers for all tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from desks import CITIZEN_HZ, OPERATOR_HZ, SUPERVISOR_HZ, at_desk, chromium
from house import House, running_house
from playwright.async_api import Browser, Page, async_playwright
from sound import write_tone


@pytest_asyncio.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """As `make run` starts it, with microphones as they are and little patience.

    An operator has time to read what was said before the ring ends, as a test has that compares it.
    """
    home: Path = tmp_path_factory.mktemp("desks")
    quick = {"OPERATOR_RING": "8", "CONSOLE_LOST_AFTER": "1", "CONSOLE_AUDIO_PROCESSING": "0", "CONSOLE_WRAP_UP": "600"}
    async with running_house(home, **quick) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """The operators' browser."""
    async with async_playwright() as play, chromium(play, tmp_path_factory.mktemp("tone"), OPERATOR_HZ) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session")
async def operator(browser: Browser, house: House) -> Page:
    return await at_desk(browser, house, "operator1")


@pytest_asyncio.fixture(scope="session")
async def supervisor(house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    """In a browser of their own, whose microphone hums at another pitch."""
    async with async_playwright() as play, chromium(play, tmp_path_factory.mktemp("tone"), SUPERVISOR_HZ) as opened:
        yield await at_desk(opened, house, "supervisor1")


@pytest.fixture(scope="session")
def hum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a citizen plays into the telephone instead of talking."""
    return write_tone(tmp_path_factory.mktemp("hum") / "hum.wav", CITIZEN_HZ, 120, 8000)
