"""Which WebSockets belong to which session?  Signing out closes them, whatever the page does."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator

from aiohttp import WSCloseCode, web


class OpenPages:
    def __init__(self) -> None:
        self._sockets: defaultdict[str, set[web.WebSocketResponse]] = defaultdict(set)

    @contextlib.contextmanager
    def holding(self, session: str, socket: web.WebSocketResponse) -> Iterator[None]:
        """`session` is the session's id; the socket is closed with it."""
        self._sockets[session].add(socket)
        try:
            yield
        finally:
            self._sockets[session].discard(socket)
            if not self._sockets[session]:
                del self._sockets[session]

    async def close(self, session: str) -> None:
        for socket in list(self._sockets.get(session, ())):
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"signed out")
