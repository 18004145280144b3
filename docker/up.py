"""`make run`: the whole hotline in the foreground, until Ctrl-C.  Writes hotline.json and rings itself once."""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from supervise import AlreadyRunning, House, NotReady, Service, http_ok, port_open

from asterisk_conf import layout, settings
from asterisk_conf.layout import Ports

PYTHON = sys.executable
HOST = "127.0.0.1"
QUESTION = "居住证怎么办理"  # what the citizen of the self-test asks
TEST_CALL_WITHIN = 90.0  # s
SOUND, EARS, PATIENT = -12, -10, 5  # niceness: sound is heard every 20 ms, speech in tenths of a second, jobs whenever


def say(text: str) -> None:
    """To the terminal, while there is one: a closed terminal must not keep the processes from being stopped."""
    try:
        print(f"hotline: {text}", flush=True)
    except OSError:  # what was not written must not be tried again when this process ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def environment(telephone: settings.Telephone) -> dict[str, str]:
    """What every process of the house is told."""
    ports = telephone.ports
    return {
        "HOTLINE_HOME": str(telephone.home),
        "HOTLINE_PORT_BASE": str(ports.base),
        "HOTLINE_DRILL": "1" if telephone.drill else "0",
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{telephone.home}/hotline.db",
        "REDIS_URL": os.environ.get("REDIS_URL") or f"redis://{HOST}:{ports.redis}/0",
        "CONSOLE_ADDRESS": os.environ.get("CONSOLE_ADDRESS") or f"{HOST}:{ports.console}",
        "AMI_ADDRESS": f"{HOST}:{ports.ami}",
        "AMI_SECRET": telephone.secrets.ami,
        "AMI_ADMIN_SECRET": telephone.secrets.ami_admin,
        "ASTERISK_ETC": str(telephone.etc),
        "ASTERISK_WS": f"ws://{HOST}:{ports.websocket}/ws",
        "HOTLINE_DEMO_PHONE": os.environ.get("HOTLINE_DEMO_PHONE", "1" if telephone.drill else "0"),
        "HOTLINE_DIAL_TEST": os.environ.get("HOTLINE_DIAL_TEST", f"{PYTHON} -m ivr dial --say {QUESTION} --stay 0"),
        "PYTHONUNBUFFERED": "1",
        "TZ": os.environ.get("TZ") or "Asia/Shanghai",
    }


def services(telephone: settings.Telephone) -> list[Service]:
    """The processes of the house, in the order in which they start."""
    ports = telephone.ports
    home = telephone.home
    console = int((os.environ.get("CONSOLE_ADDRESS") or f"{HOST}:{ports.console}").rpartition(":")[2])
    listed = [
        Service("prompts", [PYTHON, "-m", "ivr", "render", str(telephone.run)], once=True),
        Service("database", [PYTHON, "-m", "agent_console", "prepare"], once=True),
        Service(
            "asterisk",
            [PYTHON, "-m", "asterisk_conf", "run"],
            needs=["prompts"],
            ready=port_open(HOST, ports.ami, send=b"\r\n", expect=b"Asterisk"),
            nice=SOUND,
        ),
        Service(
            "line",
            [PYTHON, "-m", "ivr", "serve"],
            needs=["database"],
            ready=http_ok(HOST, ports.metrics, "/healthz"),
            alive=True,
            nice=EARS,
        ),
        Service(
            "console",
            [PYTHON, "-m", "agent_console", "serve"],
            needs=["database", "asterisk"],
            ready=http_ok(HOST, console, "/healthz"),
            alive=True,
        ),
        # nobody waits for these two: they leave the processors to those a caller or an operator waits for
        Service("worker", [PYTHON, "-m", "routing", "work"], needs=["line", "console"], nice=PATIENT),
        Service("knowledge", [PYTHON, "-m", "kb", "work"], needs=["line", "console"], nice=PATIENT),
    ]
    if telephone.drill:
        for name, address in (("desk110", "127.0.0.3"), ("desk110b", "127.0.0.4")):
            command = [PYTHON, "-m", "ivr", "desk110", address, str(ports.emergency_desk)]
            listed.append(Service(name, command, env={"HOTLINE_HOME": str(home)}))
    if not os.environ.get("REDIS_URL"):
        redis = ["redis-server", "--bind", HOST, "--port", str(ports.redis), "--dir", str(home / "redis")]
        keep = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        ping = port_open(HOST, ports.redis, send=b"PING\r\n", expect=b"+PONG")
        listed.insert(0, Service("redis", [*redis, *keep], ready=ping, alive=True))
        (home / "redis").mkdir(parents=True, exist_ok=True)
        for service in listed:
            if service.name in {"console", "worker", "knowledge", "line"}:
                service.needs = [*service.needs, "redis"]
    return listed


def told(telephone: settings.Telephone, ready: bool) -> Path:
    """Write hotline.json, whole or not at all."""
    ports: Ports = telephone.ports
    accounts = telephone.home / "accounts.json"
    content = {
        "ready": ready,
        "sip": f"sip:{telephone.hotline_number}@{telephone.sip_address}:{ports.sip}",
        "console": f"http://{os.environ.get('CONSOLE_ADDRESS') or f'{HOST}:{ports.console}'}/",
        "metrics": f"http://{HOST}:{ports.metrics}/metrics",
        "accounts": json.loads(accounts.read_text()) if accounts.exists() else [],
        "logs": str(telephone.home / "logs"),
        "drill": telephone.drill,
    }
    file = telephone.home / "hotline.json"
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(file)
    return file


async def ring_itself(env: dict[str, str]) -> bool:
    """One citizen, one question, and what came of it, in the terminal."""
    say(f"ringing itself once: a citizen asks 「{QUESTION}」")
    process = await asyncio.create_subprocess_exec(
        PYTHON, "-m", "ivr", "dial", "--say", QUESTION, "--stay", "1",
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **env}, start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(TEST_CALL_WITHIN):
            out, _ = await process.communicate()
        lived = json.loads(out)
    except (TimeoutError, ValueError):
        if process.returncode is None:
            process.kill()
        say("the test call did not come through; see the logs")
        return False
    for sentence in lived.get("said_by_robot", []):
        say(f"  robot: {sentence}")
    for sentence in lived.get("heard_by_robot", []):
        say(f"  heard: {sentence}")
    delays = [turn["latency_ms"] for turn in lived["turns"] if turn["latency_ms"] is not None]
    after = ", ".join(map(str, delays)) or "?"
    say(f"  outcome: {lived['outcome']}; answered {after} ms after the citizen stopped speaking")
    return bool(lived["outcome"] == "answer")


async def run(telephone: settings.Telephone, *, self_test: bool) -> int:
    began = time.monotonic()
    env = environment(telephone)
    try:
        house = House(services(telephone), telephone.home / "logs", env, say)
    except AlreadyRunning as problem:
        say(f"{problem}; HOTLINE_HOME names another folder, HOTLINE_PORT_BASE other ports")
        return 2
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    told(telephone, False)
    starting = asyncio.create_task(house.start())
    stopping = asyncio.create_task(stop.wait())
    say(f"starting in {telephone.home} (Ctrl-C stops everything; logs in {telephone.home / 'logs'})")
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            return 0
        starting.result()
        file = told(telephone, True)
        say(f"all processes are ready after {time.monotonic() - began:.1f} s")
        if self_test:
            await ring_itself(env)
        shown = json.loads(file.read_text())
        say(f"dial {shown['sip']}, or open {shown['console']}call; desks at {shown['console']}")
        for account in shown["accounts"]:
            say(f"  {account['role']}: {account['name']} / {account['password']}")
        await stop.wait()
        return 0
    except NotReady as problem:
        say(str(problem))
        return 1
    finally:
        say("stopping")
        starting.cancel()
        await house.stop()
        told(telephone, False)


def prepare(telephone: settings.Telephone) -> int:
    """Database and sample city only, for `make talk`."""
    env = {**os.environ, **environment(telephone)}
    done = subprocess.run([PYTHON, "-m", "agent_console", "prepare"], env=env, check=False, stdout=subprocess.DEVNULL)
    return done.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-self-test", action="store_true", help="do not ring itself")
    parser.add_argument("--prepare", action="store_true", help="prepare the database, start nothing")
    chosen = parser.parse_args()
    os.umask(0o077)  # what citizens said and whence they rang is nobody else's business on this machine
    telephone = settings.read()
    telephone.home.mkdir(parents=True, exist_ok=True)
    if chosen.prepare:
        return prepare(telephone)
    try:
        say(f"using {layout.find().version()}")
    except layout.NoAsterisk as problem:
        say(str(problem))
        return 2
    if shutil.which("redis-server") is None and not os.environ.get("REDIS_URL"):
        say("redis-server is missing: apt-get install redis-server, or set REDIS_URL")
        return 2
    return asyncio.run(run(telephone, self_test=not chosen.no_self_test))


if __name__ == "__main__":
    sys.exit(main())
