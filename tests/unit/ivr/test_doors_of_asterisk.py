"""Port scans, garbage and half-open connections at Asterisk's doors: no crash, nobody disturbed."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.line import Destination, To
from ivr.lines.asterisk import AsteriskLine
from ivr.lines.media import Media
from ivr.lines.steps import Question, Steps, read_question, variables
from ivr.settings import SHIPPED_MODEL
from ivr.speech.recogniser import Ears
from ivr.speech.turns import Timing
from ivr.speech.voice import Espeak, Voice

CALL = str(uuid.uuid4())


def frame(kind: int, payload: bytes) -> bytes:
    return bytes([kind]) + len(payload).to_bytes(2, "big") + payload


HELLO = frame(0x01, uuid.UUID(CALL).bytes)
SILENCE = frame(0x10, bytes(320))


@pytest_asyncio.fixture
async def line(tmp_path) -> AsyncIterator[AsteriskLine]:
    ears, pool = Ears(SHIPPED_MODEL, 1), ThreadPoolExecutor(1)
    made = AsteriskLine(ears.listen(), Voice(tmp_path / "voice"), pool, Timing())
    yield made
    await made.end()
    ears.close()
    pool.shutdown()


@pytest_asyncio.fixture
async def media(line) -> AsyncIterator[tuple[int, asyncio.Queue[str]]]:
    """A media server that knows one call; its port and the calls whose socket has gone."""
    gone: asyncio.Queue[str] = asyncio.Queue()
    server = Media(lambda call: line if call == CALL else None, gone.put_nowait)
    await server.start("127.0.0.1", 0)
    port = server._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    yield port, gone
    await server.stop()


async def open_call(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HELLO)
    return reader, writer


async def test_a_call_gets_sound_every_twenty_milliseconds_even_when_nothing_is_said(media):
    reader, writer = await open_call(media[0])
    async with asyncio.timeout(2):
        for _ in range(10):
            assert await reader.readexactly(323) == SILENCE
    writer.close()


async def test_words_are_marked_as_torn_when_the_sound_broke_off_while_they_were_said_and_the_next_are_not(media, line):
    port, gone = media
    said = line._voice.sound("居住证怎么办理")
    frames = [frame(0x10, part.tobytes()) for part in np.array_split(said, len(said) // 160)]
    quiet = [SILENCE] * 50
    _, writer = await open_call(port)
    writer.writelines([*frames[: len(frames) // 2], frame(0x03, b"5")])
    async with asyncio.timeout(5):
        assert (await line.listen()).key == "5", "the first half has arrived"
    writer.transport.abort()
    async with asyncio.timeout(5):
        assert await gone.get() == CALL
    _, writer = await open_call(port)
    for expected in (True, False):
        listening = asyncio.create_task(line.listen())
        await asyncio.sleep(0)  # somebody listens before there is anything to hear
        writer.writelines([*(frames[len(frames) // 2 :] if expected else frames), *quiet])
        async with asyncio.timeout(20):
            heard = await listening
        assert heard.words
        assert heard.broken is expected
    writer.close()


async def test_whoever_listens_hears_how_else_it_may_have_been_said_and_how_sure_each_is(media, line, tmp_path):
    said = Voice(tmp_path / "anika", Espeak("anika", 180)).sound("店不开了那个执照怎么销掉")
    _, writer = await open_call(media[0])
    listening = asyncio.create_task(line.listen())
    await asyncio.sleep(0)  # somebody listens before there is anything to hear
    writer.writelines([frame(0x10, part.tobytes()) for part in np.array_split(said, len(said) // 160)] + [SILENCE] * 50)
    async with asyncio.timeout(20):
        heard = await listening
    assert len(heard.alternatives) == len(heard.confidences) > 1
    assert heard.words == heard.alternatives[0]
    assert heard.others == heard.alternatives[1:]
    writer.close()


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        frame(0x01, b"short"),
        frame(0x10, bytes(320)),
        b"\x01\xff\xff" + bytes(100),
        frame(0x01, uuid.uuid4().bytes),
        HELLO + frame(0x77, b"hello"),
        HELLO + b"\x10\xff\xff",
    ],
    ids=["http", "short id", "sound first", "overlong", "unknown call", "unknown kind", "overlong later"],
)
async def test_garbage_is_closed_and_the_next_call_is_served(media, garbage):
    port, _ = media
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(garbage)
    with_sound = b""
    async with asyncio.timeout(3):
        try:
            while chunk := await reader.read(4096):
                with_sound += chunk
        except ConnectionError:
            pass
    writer.close()
    reader, writer = await open_call(port)
    async with asyncio.timeout(2):
        assert await reader.readexactly(323) == SILENCE
    writer.close()


async def test_a_port_scan_and_a_half_open_connection_disturb_nobody(media):
    port, _ = media
    reader, writer = await open_call(port)
    scanners = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
    for _, scanner in scanners[:25]:
        scanner.close()
    async with asyncio.timeout(4):
        for _ in range(20):
            assert await reader.readexactly(323) == SILENCE
        for half_open, _ in scanners[25:]:
            assert await half_open.read() == b"", "who does not introduce itself is let go"
    writer.close()


async def test_a_socket_that_closes_is_told(media):
    port, gone = media
    reader, writer = await open_call(port)
    await reader.readexactly(323)
    writer.close()
    assert await asyncio.wait_for(gone.get(), 2) == CALL


async def test_a_storm_of_keys_is_only_keys(media, line):
    _, writer = await open_call(media[0])
    writer.write(frame(0x03, b"5") * 500 + frame(0x03, b"\xff") + frame(0x03, b"") + frame(0x03, b"12"))
    await writer.drain()
    async with asyncio.timeout(3):
        heard = [await line.listen() for _ in range(500)]
    assert {h.key for h in heard} == {"5"}
    writer.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_odd_sound_is_padded_not_refused(payload):
    from ivr.lines.asterisk import frame_of

    assert len(frame_of(payload)) == 160
    assert frame_of(payload).dtype == np.int16


# ------------------------------------------------------------------------------------------------ FastAGI


@pytest_asyncio.fixture
async def steps() -> AsyncIterator[int]:
    async def decide(question: Question) -> Destination | None:
        if question.step == 7:
            raise RuntimeError("a bug")
        return Destination(To.EMERGENCY, service="119", transcript="着火了" * 100) if question.step == 2 else None

    server = Steps(decide)
    await server.start("127.0.0.1", 0)
    yield server._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    await server.stop()


async def ask(port: int, text: bytes) -> list[str]:
    """What is answered; every command is acknowledged as Asterisk would."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    told = []
    async with asyncio.timeout(5):
        while line := (await reader.readline()).decode():
            told.append(line.strip())
            writer.write(b"200 result=1\n")
    writer.close()
    return told


def headers(step: int, call: str = CALL) -> bytes:
    return (
        f"agi_network_script: ivr\nagi_callerid: +86138; rm\nagi_arg_1: {call}\nagi_arg_2: {step}\nagi_arg_3: 5\n\n"
    ).encode()


async def test_the_next_step_is_named_last(steps):
    assert await ask(steps, headers(1)) == ['SET VARIABLE NEXT "talk"']
    told = await ask(steps, headers(2))
    assert told[-1] == 'SET VARIABLE NEXT "emergency"'
    assert 'SET VARIABLE SERVICE "119"' in told


@pytest.mark.parametrize(
    "garbage",
    [
        b"\n\n",
        b"\xff\xfe\xfd\n\n",
        b"agi_network_script: other\n\n",
        b"GET / HTTP/1.1\r\n\r\n\n\n",
        b"x" * 20000,
        headers(7),
    ],
)
async def test_what_is_no_question_gets_no_answer_and_the_next_one_does(steps, garbage):
    assert await ask(steps, garbage) == []
    assert await ask(steps, headers(1)) == ['SET VARIABLE NEXT "talk"']


async def test_one_bare_connection_does_not_stop_the_robot(steps):
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", steps)
        writer.close()
    assert await ask(steps, headers(1)) == ['SET VARIABLE NEXT "talk"']


def test_a_callers_number_is_digits_whatever_was_sent():
    question = read_question(
        {"agi_network_script": "ivr", "agi_arg_1": CALL, "agi_arg_2": "1", "agi_callerid": '"; SET VARIABLE X 1'}
    )
    assert question is not None
    assert question.caller == "1"
    assert read_question({"agi_network_script": "ivr", "agi_arg_1": "../etc", "agi_arg_2": "1"}) is None


@given(st.text(max_size=200))
def test_no_word_of_a_caller_can_end_a_command(words):
    for value in variables(Destination(To.EMERGENCY, transcript=words)).values():
        assert all(char.isascii() and (char.isalnum() or char in "+/=") for char in value)
        assert len(value) < 500
