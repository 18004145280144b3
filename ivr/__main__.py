"""The line's door: `python -m ivr serve | dial | talk | hear | render | desk110 | fetch-model`."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ivr.settings import Settings
from ivr.speech.recogniser import BadModel
from routing import logs


class Steps(argparse.Action):
    """Files, --say and --key in the order in which they were given."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option: str | None = None,
    ) -> None:
        steps = list(getattr(namespace, "steps", None) or [])
        for value in [values] if isinstance(values, str) else values or []:
            steps.append((option or "file", str(value)))
        namespace.steps = steps


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m ivr", description="The hotline's telephone side.")
    doors = p.add_subparsers(dest="door", required=True)
    doors.add_parser("serve", help="answer calls (started by make run)")
    doors.add_parser("talk", help="the same dialogue in this terminal")
    hear = doors.add_parser("hear", help="what Vosk hears in recordings")
    hear.add_argument("files", nargs="+", type=Path)
    dial = doors.add_parser("dial", help="a citizen rings the hotline")
    dial.add_argument("files", nargs="*", action=Steps, help="WAV files, spoken one after the other")
    dial.add_argument("--say", action=Steps, metavar="TEXT", help="say this (espeak-ng) instead of a file")
    dial.add_argument("--key", action=Steps, metavar="DIGITS", help="press these keys")
    dial.add_argument("--to", default="", help="SIP URI; default: the running hotline's")
    dial.add_argument("--at", type=float, default=0.0, metavar="UNIXTIME", help="ring then, so that many ring together")
    dial.add_argument("--wait", action="store_true", help="wait to be rung by the hotline, and pick up")
    dial.add_argument("--number", default="", help="the caller's number; default: one nobody has")
    dial.add_argument("--voice", default="m3", help="espeak-ng variant of --say")
    dial.add_argument("--stay", type=float, default=2.0, help="seconds to stay after the last answer")
    dial.add_argument("--interrupt", type=float, default=None, help="speak this many seconds into each prompt")
    dial.add_argument("--keep", type=Path, default=None, help="folder for heard.wav and said.wav")
    dial.add_argument("--deaf", action="store_true", help="do not transcribe what the caller heard")
    render = doors.add_parser("render", help="what Asterisk plays itself")
    render.add_argument("folder", type=Path, help="Asterisk's run directory")
    desk = doors.add_parser("desk110", help="the 110 desk of a drill")
    desk.add_argument("address")
    desk.add_argument("port", type=int)
    desk.add_argument("--behaviour", default="answer", help="answer, silent, or a SIP code such as 486")
    fetch = doors.add_parser("fetch-model", help="fetch and check an official Vosk model")
    fetch.add_argument("name", choices=("vosk-model-small-cn-0.22", "vosk-model-cn-0.22"))
    fetch.add_argument("folder", type=Path)
    return p


def main() -> int:
    chosen = parser().parse_args()
    logs.configure()
    settings = Settings()
    try:
        return run(chosen, settings)
    except (BadModel, RuntimeError, ValueError, OSError) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    match chosen.door:
        case "serve":
            from ivr.server import serve

            asyncio.run(serve(settings))
        case "talk":
            from ivr.lines.terminal import talk

            asyncio.run(talk(settings))
        case "hear":
            return hear(chosen.files, settings)
        case "dial":
            from ivr.phone.report import dial

            print(json.dumps(dial(chosen, settings), ensure_ascii=False))
        case "render":
            from ivr.speech.prompts import announcements, render

            announcements(settings, chosen.folder / "moh")
            print(f"{render(settings, chosen.folder / 'data/sounds/zh')} prompts in {chosen.folder}")
        case "desk110":
            from ivr.phone.desk110 import serve as desk

            desk(chosen.address, chosen.port, settings.home, settings.voices, chosen.behaviour)
        case "fetch-model":
            from ivr.speech.fetch import fetch

            print(fetch(chosen.name, chosen.folder))
    return 0


def hear(files: Sequence[Path], settings: Settings) -> int:
    """One JSON object per file: file, text, words, alternatives, confidences, ms."""
    from ivr.speech.recogniser import Ears
    from ivr.speech.voice import telephone_sound_level, wav_samples

    ears = Ears(settings.vosk_model, 1)
    worst = 0
    for file in files:
        began = time.monotonic()
        try:
            transcript = ears.whole(telephone_sound_level(*wav_samples(file)))
        except (OSError, EOFError, ValueError) as problem:
            print(json.dumps({"file": str(file), "error": str(problem)}, ensure_ascii=False))
            worst = 1
            continue
        ms = round(1000 * (time.monotonic() - began))
        heard = {
            "file": str(file),
            "text": transcript.words,
            "words": transcript.spoken,
            "alternatives": transcript.alternatives,
            "confidences": transcript.confidences,
            "ms": ms,
        }
        print(json.dumps(heard, ensure_ascii=False))
    ears.close()
    return worst


if __name__ == "__main__":
    sys.exit(main())
