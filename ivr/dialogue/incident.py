"""A known incident: the caller is told at once, and need not wait for a person to hear it."""

import asyncio

from ivr.dialogue.rooms import Rooms
from ivr.line import Line

WITHIN = 0.3  # s the caller may be kept waiting for what is known about where they live


async def tell_known(line: Line, rooms: Rooms, known: set[int], words: str = "") -> bool:
    """Say the notices for these words, or without words those for where the caller lives; whether any was news.

    `known`: incidents told before in this call; who speaks of them again wants more than the notice.
    """
    try:
        async with asyncio.timeout(WITHIN):
            notices = await rooms.notices(words)
    except TimeoutError:
        return False
    news = [notice for notice in notices if notice.incident not in known]
    for notice in news:
        known.add(notice.incident)
        rooms.record("told_incident", {"incident": notice.incident})
        await line.say(rooms.wording.say("incident", notice=notice.text))
    return bool(news)
