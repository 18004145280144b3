"""How does every process of the house write its log?  One line a fact, with the ids it carries, to standard error."""

import logging
import sys
from typing import TextIO

STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
TALKATIVE = ("alembic", "aiohttp.access", "rq.cron", "rq.worker")  # heard from WARNING on


class Line(logging.Formatter):
    """`time LEVEL name message key=value …`; the keys are a record's `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        extra = "".join(f" {key}={value}" for key, value in vars(record).items() if key not in STANDARD)
        first, line_break, rest = super().format(record).partition("\n")
        return f"{first}{extra}{line_break}{rest}"


class NoStrangersTraceback(logging.Filter):
    """Bytes that are no HTTP, sent by a scanner, are one line, not a traceback of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        found = record.exc_info[1] if record.exc_info else None
        if type(found).__module__ == "aiohttp.http_exceptions":
            record.exc_info, record.args = None, ()
            record.msg = "a request was no HTTP and was refused"
        return True


def configure(stream: TextIO = sys.stderr) -> None:
    """Called once, in a room's door."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(NoStrangersTraceback())
