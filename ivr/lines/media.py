"""How does sound come from Asterisk and go back?  The AudioSocket protocol, and the clock of 20 ms for all calls.

Frame: type (1 byte), length (2 bytes, big endian), payload.  From Asterisk: 01 the call's UUID (16 bytes, first),
10 sound (16-bit little endian, 8 kHz), 03 one key (ASCII), ff an error.  To Asterisk: 10 sound, 00 the end.
"""

import asyncio
import contextlib
import logging
import socket
import uuid
from collections.abc import Callable
from typing import cast

from ivr.lines.asterisk import AsteriskLine, frame_of

log = logging.getLogger(__name__)

END, CALL, KEY, SOUND, ERROR = 0x00, 0x01, 0x03, 0x10, 0xFF
HEADER = 3  # bytes
LONGEST = 1600  # bytes of payload; Asterisk sends 320, anything near 64 kB is not Asterisk
INTRODUCTION = 2.0  # s a new connection has to say which call it is
SILENCE_OF_PEER = 10.0  # s without any frame after which a connection is dead (Asterisk sends every 20 ms of RTP)
TICK = 0.02  # s
BACKLOG = 65536  # bytes not taken by Asterisk; then it has stopped reading and the connection is let go
BEHIND = 0.5  # s; a clock that is later than that starts anew instead of sending all at once

Lines = Callable[[str], AsteriskLine | None]


class Connection(asyncio.Protocol):
    """One audio socket."""

    def __init__(self, lines: Lines, gone: Callable[[str], None], open_connections: set["Connection"]) -> None:
        self.line: AsteriskLine | None = None
        self.last_frame = 0.0
        self._lines = lines
        self._gone = gone
        self._call = ""
        self._open = open_connections
        self._held = bytearray()
        self._transport: asyncio.Transport | None = None
        self._introduction: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        self.last_frame = loop.time()
        self._introduction = loop.call_later(
            INTRODUCTION, self._refuse, "a media connection did not say which call it is"
        )
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        self.last_frame = asyncio.get_running_loop().time()
        self._held += data
        while len(self._held) >= HEADER:
            length = self._held[1] << 8 | self._held[2]
            if length > LONGEST:
                return self._refuse("a media frame was too long")
            if len(self._held) < HEADER + length:
                return None
            kind, payload = self._held[0], bytes(self._held[HEADER : HEADER + length])
            del self._held[: HEADER + length]
            if not self._take(kind, payload):
                return None
        return None

    def _take(self, kind: int, payload: bytes) -> bool:
        """One frame; False when the connection has ended with it."""
        if self.line is None:
            return self._introduce(kind, payload)
        if kind == SOUND:
            self.line.frame(frame_of(payload))
        elif kind == KEY and len(payload) == 1 and chr(payload[0]) in "0123456789*#ABCD":
            self.line.key(chr(payload[0]))
        elif kind == END:
            self.close()
            return False
        elif kind == ERROR:
            log.warning("Asterisk reported a media error")
        else:
            self._refuse("a media frame was of no known kind")
            return False
        return True

    def _introduce(self, kind: int, payload: bytes) -> bool:
        if kind != CALL or len(payload) != 16:
            self._refuse("a media connection did not begin with a call's id")
            return False
        self._call = str(uuid.UUID(bytes=payload))
        self.line = self._lines(self._call)
        if self.line is None:
            self._refuse("a media connection named a call nobody announced")
            return False
        if self._introduction is not None:
            self._introduction.cancel()
        self.line.attach(self._send, self.finish)
        return True

    def _send(self, samples: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            if self._transport.get_write_buffer_size() > BACKLOG:
                return self._refuse("Asterisk stopped reading a call's sound")
            self._transport.write(b"\x10" + len(samples).to_bytes(2, "big") + samples)
        return None

    def finish(self) -> None:
        """Tell Asterisk that this talk is over; it asks for the next step."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"\x00\x00\x00")
            self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _refuse(self, why: str) -> None:
        log.warning(why)
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self._open.discard(self)
        if self._introduction is not None:
            self._introduction.cancel()
        if self.line is not None:
            self.line.detach(self._send)
            self.line = None
            self._gone(self._call)


class Media:
    """The server: accepts audio sockets and gives every line its tick."""

    def __init__(self, lines: Lines, gone: Callable[[str], None]) -> None:
        """lines: call id -> its line; gone: told the call id when an audio socket has closed."""
        self._lines = lines
        self._gone = gone
        self._open: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._clock: asyncio.Task[None] | None = None
        self.late = 0.0  # s the clock was behind at its latest tick; for the metrics

    async def start(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._lines, self._gone, self._open), host, port, backlog=512, reuse_address=True
        )
        self._clock = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due, swept = loop.time(), loop.time()
        while True:
            for connection in list(self._open):
                if connection.line is not None:
                    connection.line.tick()
            due += TICK
            now = loop.time()
            self.late = max(0.0, now - due)
            if self.late > BEHIND:
                due = now
            if now - swept > 1:
                swept = now
                self._sweep(now)
            await asyncio.sleep(max(0.0, due - now))

    def _sweep(self, now: float) -> None:
        for connection in list(self._open):
            if now - connection.last_frame > SILENCE_OF_PEER:
                log.warning("a media connection fell silent and was closed")
                connection.close()

    async def stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock
        for connection in list(self._open):
            connection.close()
        if self._server is not None:
            self._server.close()
