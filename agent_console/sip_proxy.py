"""How does a browser's telephone reach Asterisk?  Through this door, which only knows who is signed in."""

import asyncio
import logging

from aiohttp import ClientError, WSMsgType, web

from agent_console.house import house, who
from agent_console.permissions import May

log = logging.getLogger(__name__)

MESSAGE = 64 * 1024  # bytes of one SIP message at most
KEEP_ALIVE = 20.0  # s between pings towards the browser; a page that is gone is known soon
CONNECT_WITHIN = 3.0  # s


async def sip(request: web.Request) -> web.StreamResponse:
    """SIP over WebSocket (RFC 7118), one Asterisk connection per browser connection."""
    found, rooms = who(request, May.PHONE), house(request)
    if found.endpoint is None:
        raise web.HTTPForbidden(text="没有电话")
    if "sip" not in request.headers.get("Sec-WebSocket-Protocol", ""):
        raise web.HTTPBadRequest(text="sub-protocol sip expected")
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            inner = await rooms.client.ws_connect(
                rooms.settings.sip_websocket, protocols=("sip",), max_msg_size=MESSAGE, autoping=True
            )
    except (ClientError, OSError, TimeoutError):
        raise web.HTTPBadGateway(text="电话系统暂时不可用") from None
    outer = web.WebSocketResponse(protocols=("sip",), max_msg_size=MESSAGE, heartbeat=KEEP_ALIVE)
    try:
        await outer.prepare(request)

        async def up() -> None:
            async for message in outer:
                if message.type is WSMsgType.TEXT:
                    await inner.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await inner.send_bytes(message.data)

        async def down() -> None:
            async for message in inner:
                if message.type is WSMsgType.TEXT:
                    await outer.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await outer.send_bytes(message.data)

        tasks = [asyncio.create_task(up()), asyncio.create_task(down())]
        with rooms.pages.holding(found.id, outer):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await inner.close()
        if outer.prepared and not outer.closed:  # the browser may be gone before it was answered
            await outer.close()
    return outer
