"""What may a city set about dispatch?  Read from the environment once, in the door."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from routing.escalation import LOOK
from routing.follow_up import HOURS
from routing.manager import Access, address

SPAN = r"^[1-9]\d{0,3} (WD|oh|h|min)$"  # as routing.deadlines reads it: working days, office hours, hours, minutes


class City(BaseSettings):
    """Which city it is; every room that dispatches or names a place asks the same."""

    model_config = SettingsConfigDict(extra="ignore")

    hotline_city_code: str = Field(default="03", pattern=r"^\d{2}$")  # the first two digits of every case number
    hotline_territory: Path | None = None  # a city's own territory.csv in place of the sample city's
    hotline_units: Path | None = None  # a city's own units.csv
    hotline_holidays: Path | None = (
        None  # lines "2026-05-04 off" and "2026-05-09 work", laid over the national calendar
    )
    hotline_look_remind: str = Field(default=LOOK[0], pattern=SPAN)  # until a verifier is reminded of what waits
    hotline_look_within: str = Field(default=LOOK[1], pattern=SPAN)  # until a supervisor is told that nobody looked


class Settings(City):
    """The environment of this room's processes."""

    hotline_home: Path = Path("run")
    hotline_port_base: int = 21000
    database_url: str = ""
    redis_url: str = ""
    hotline_dial_test: str = ""  # command of the scheduled dial test; empty: none
    hotline_dial_test_every: int = Field(default=900, ge=30)  # s between dial tests
    hotline_dial_test_outcome: str = "answer"  # what a line that works leads to
    hotline_number: str = Field(default="12345", pattern=r"^\d{3,8}$")  # what a citizen's telephone shows
    hotline_follow_up_lines: int = Field(default=0, ge=0, le=50)  # calls of the robot at once; 0: operators ask
    hotline_follow_up_hours: str = HOURS  # local; when citizens may be rung
    hotline_follow_up_every: int = Field(default=30, ge=5)  # s between looks whom to ring
    hotline_webhooks_every: int = Field(
        default=10, ge=1, le=3600
    )  # s between looks for what subscribers are to be told
    hotline_webhooks_give_up: float = Field(default=3, gt=0, le=30)  # days of nothing but failures
    hotline_handovers_every: int = Field(default=10, ge=1, le=3600)  # s between looks for cases to hand over
    hotline_handovers_give_up: float = Field(default=1, gt=0, le=30)  # days until a platform that is away is given up
    ami_address: str = ""
    ami_secret: str = ""
    hotline_figures_every: int = Field(default=300, ge=5)  # s between counts of the day's figures
    hotline_keep_calls: int = Field(default=365, ge=1)  # days after the end: recordings, words and numbers of calls
    hotline_keep_cases: int = Field(default=1095, ge=1)  # days after closing: text and contact of cases
    hotline_keep_reports: int = Field(default=1825, ge=1)  # the same, of reports (举报) and disputes
    hotline_retention_every: int = Field(default=3600, ge=5)  # s between looks for what is due to be erased
    hotline_recordings: Path | None = None  # where Asterisk records calls; by default in the state folder
    hotline_rounds_every: int = Field(default=60, ge=5)  # s between looks for overdue cases

    @property
    def home(self) -> Path:
        return self.hotline_home.absolute()

    @property
    def recordings(self) -> Path:
        """Of calls, `<call>.wav`, as Asterisk writes them."""
        return self.hotline_recordings or self.home / "asterisk" / "rec"

    @property
    def files(self) -> Path:
        """Attachments of cases, under their hashes."""
        return self.home / "files"

    @property
    def access(self) -> Access:
        """Of the manager that rings citizens."""
        return Access(*address(self.ami_address or f"127.0.0.1:{self.hotline_port_base + 3}"), self.ami_secret)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home}/hotline.db"

    @property
    def redis(self) -> str:
        return self.redis_url or f"redis://127.0.0.1:{self.hotline_port_base + 10}/0"
