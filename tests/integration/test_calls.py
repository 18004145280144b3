"""Real calls through a real Asterisk, heard by the real Vosk: one for each way a call can end."""

import asyncio
import json

import pytest
import pytest_asyncio
from house import House


@pytest_asyncio.fixture(scope="session")
async def lived(house: House) -> dict[str, dict]:
    """Four citizens ring at the same time; each lives through something else."""
    rung = {
        "answer": ["--say", "居住证怎么办理", "--stay", "0"],
        "operator": ["--say", "转人工", "--stay", "1"],
        "key": ["--key", "0", "--stay", "1"],
        "fire": ["--say", "我家厨房着火了快来人", "--stay", "1"],
    }
    calls = await asyncio.gather(*(house.call(*arguments) for arguments in rung.values()))
    return dict(zip(rung, calls, strict=True))


async def test_a_known_question_is_answered(lived):
    call = lived["answer"]
    assert call["outcome"] == "answer"
    assert call["article"] == "k0098"
    assert call["heard_by_robot"] == ["居住证怎么办理"]
    assert "居住登记" in call["heard_by_caller"], "the citizen's own ear heard the answer"


async def test_the_answer_begins_before_the_silence_is_felt(lived):
    (turn,) = lived["answer"]["turns"]
    assert 150 < turn["latency_ms"] < 1500, "measured at the citizen's ear; bench-line has the figures"
    assert not turn["cut_in"]


async def test_the_word_for_a_person_and_key_zero_reach_the_queue(lived):
    assert lived["operator"]["outcome"] == "operator"
    assert lived["key"]["outcome"] == "operator"
    assert "人工" in lived["operator"]["heard_by_caller"]


async def test_a_fire_rings_at_the_drill_desk_with_number_and_transcript(lived, house):
    call = lived["fire"]
    assert call["outcome"] == "emergency"
    book = [json.loads(line) for line in (house.home / "desk110.jsonl").read_text().splitlines()]
    (arrived,) = [row for row in book if row["call"] == call["call"]]
    assert arrived["service"] == "119"
    assert "着火" in arrived["transcript"]
    assert arrived["caller"].startswith("1380013")
    assert arrived["drill"] is True


async def test_every_call_left_a_whole_record(lived, house):
    records = await house.door("routing", "calls", "--since", "2020-01-01T00:00:00+00:00")
    by_id = {record["id"]: record for record in records}
    for call in lived.values():
        assert by_id[call["call"]]["ended"] is not None
    heard = [turn for turn in by_id[lived["answer"]["call"]]["turns"] if turn["who"] == "caller"]
    assert [turn["alternatives"][0] for turn in heard] == [turn["text"] for turn in heard]
    assert all(len(turn["confidences"]) == len(turn["alternatives"]) for turn in heard)
    assert by_id[lived["answer"]["call"]]["outcome"] == "answer"
    assert by_id[lived["operator"]["call"]]["outcome"] == "operator"
    assert by_id[lived["fire"]["call"]]["outcome"] == "emergency"


@pytest.mark.parametrize("address", ["127.0.0.9"])
async def test_a_stranger_gets_nothing(house, address):
    """An INVITE from an address that is no trunk is refused without a word about who would be there."""
    invite = (
        f"INVITE sip:12345@127.0.0.1:{house.base} SIP/2.0\r\nVia: SIP/2.0/UDP {address}:5099;branch=z9hG4bKx\r\n"
        f"From: <sip:citizen-trunk@{address}>;tag=a\r\nTo: <sip:12345@127.0.0.1>\r\nCall-ID: stranger\r\n"
        f"CSeq: 1 INVITE\r\nContact: <sip:x@{address}:5099>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    answers: asyncio.Queue[str] = asyncio.Queue()

    class Listen(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple) -> None:  # noqa: ARG002
            answers.put_nowait(data.decode())

    transport, _ = await loop.create_datagram_endpoint(
        Listen, local_addr=(address, 5099), remote_addr=("127.0.0.1", house.base)
    )
    transport.sendto(invite.encode())
    answer = await asyncio.wait_for(answers.get(), 5)
    transport.close()
    assert answer.startswith("SIP/2.0 401")


async def test_nobody_else_on_the_machine_reads_what_citizens_said(house, lived):  # noqa: ARG001 - calls came before
    kept = [f for f in house.home.rglob("*") if f.is_file() and f.parent.name != "voice"]  # the robot's own sentences
    assert any(f.suffix == ".wav" for f in kept), "calls are recorded"
    opened = [f for f in kept if f.stat().st_mode & 0o077]
    assert opened == []
