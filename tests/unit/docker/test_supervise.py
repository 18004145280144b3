"""The launcher keeps its processes, and leaves none behind that nobody keeps."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from supervise import AlreadyRunning, House, Service

WITHIN = 20.0  # s
# A launcher with one process that waits, as up.py starts it.
LAUNCHER = """
import asyncio, signal, sys
from pathlib import Path
from supervise import House, Service
from up import say

async def main():
    home = Path(sys.argv[1])
    waits = [sys.executable, "-c", "import signal; signal.pause()"]
    house = House([Service("waits", waits)], home / "logs", {"HOTLINE_HOME": str(home)}, say)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await house.start()
    say("ready")
    await stop.wait()
    say("stopping")
    await house.stop()

asyncio.run(main())
"""


def silent(_text: str) -> None:
    """Nobody listens."""


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def niceness_of_session(pid: int) -> int | None:
    """None where Linux does not group processes by session."""
    group = Path(f"/proc/{pid}/autogroup")
    return int(group.read_text().split()[-1]) if group.exists() else None


def house_of(home: Path, *commands: str) -> House:
    services = [Service(f"p{n}", [sys.executable, "-c", code]) for n, code in enumerate(commands)]
    return House(services, home / "logs", {"HOTLINE_HOME": str(home)}, silent)


@pytest.fixture
async def launcher(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Ready, in a process of its own."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(("docker", "."))}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LAUNCHER, str(tmp_path), stdout=subprocess.PIPE, env=env
    )
    assert process.stdout is not None
    async with asyncio.timeout(WITHIN):
        while b"ready" not in await process.stdout.readline():
            assert process.returncode is None
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_a_launcher_that_was_killed_leaves_callers_alone_and_the_next_one_clears_up(launcher, tmp_path):
    pid = int((tmp_path / "pids" / "waits").read_text())
    launcher.kill()
    await launcher.wait()
    assert not gone(pid), "a call in this process goes on"
    house = house_of(tmp_path, "import signal; signal.pause()")
    await house.start()
    assert gone(pid)
    await house.stop()


async def test_two_launchers_do_not_share_a_state_folder(launcher, tmp_path):
    with pytest.raises(AlreadyRunning, match=str(tmp_path)):
        house_of(tmp_path, "pass")
    assert launcher.returncode is None


async def test_a_terminal_that_is_gone_does_not_keep_the_processes_alive(launcher, tmp_path):
    pid = int((tmp_path / "pids" / "waits").read_text())
    launcher._transport.get_pipe_transport(1).close()  # nobody reads what the launcher says any more
    launcher.send_signal(signal.SIGTERM)
    async with asyncio.timeout(WITHIN):
        assert await launcher.wait() == 0
    assert gone(pid)


def test_what_nobody_can_read_is_no_reason_to_end_with_an_error():
    reads, writes = os.pipe()
    os.close(reads)
    said = "from up import say; say('ready'); say('stopping')"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(("docker", ".")), "PYTHONUNBUFFERED": ""}  # as on a terminal
    try:
        assert subprocess.run([sys.executable, "-c", said], stdout=writes, env=env, timeout=WITHIN).returncode == 0
    finally:
        os.close(writes)


async def test_a_number_that_belongs_to_somebody_else_by_now_is_left_alone(tmp_path):
    stranger = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import signal; signal.pause()", start_new_session=True
    )
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "line").write_text(f"{stranger.pid}\n")
    house = house_of(tmp_path, "import signal; signal.pause()")
    await house.start()
    await house.stop()
    assert stranger.returncode is None
    assert not gone(stranger.pid)
    stranger.kill()
    await stranger.wait()


async def test_jobs_stand_back_when_callers_want_the_processors(tmp_path):
    waits = [sys.executable, "-c", "import signal; signal.pause()"]
    patient = Service("patient", waits, nice=5)
    house = House([patient], tmp_path / "logs", {"HOTLINE_HOME": str(tmp_path)}, silent)
    await house.start()
    pid = int((tmp_path / "pids" / "patient").read_text())
    assert os.getpriority(os.PRIO_PROCESS, pid) == 5
    assert niceness_of_session(pid) in {5, None}
    await house.stop()
