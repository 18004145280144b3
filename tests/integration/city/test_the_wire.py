"""The wire with which these tests break the sound: nobody is left talking into a connection that nobody reads."""

import asyncio
import socket

import pytest
from house import Wire


@pytest.mark.parametrize("turns", range(10))
async def test_whenever_the_wire_closes_asterisk_hears_of_it(turns: int):
    """`turns`: of the event loop, between Asterisk's connecting and the wire's closing."""
    robot = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    async with robot, Wire(int(robot.sockets[0].getsockname()[1])) as wire:
        with socket.create_connection(("127.0.0.1", wire.port)) as asterisk:
            asterisk.setblocking(False)
            for _ in range(turns):
                await asyncio.sleep(0)
            wire.close()
            async with asyncio.timeout(5):
                try:
                    heard = await asyncio.get_running_loop().sock_recv(asterisk, 1)
                except ConnectionResetError:
                    heard = b""
        assert heard == b""
