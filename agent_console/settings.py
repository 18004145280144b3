"""What may a city set about its desks?  Read from the environment once, in the door."""

from pathlib import Path

from pydantic import Field

from routing.settings import City


class Settings(City):
    """The environment of the console's process."""

    hotline_home: Path = Path("run")
    hotline_port_base: int = 21000
    database_url: str = ""
    redis_url: str = ""
    console_address: str = ""
    line_address: str = ""  # the line's metrics door, which also lets editors hear an answer
    ami_address: str = ""
    ami_secret: str = ""
    ami_admin_secret: str = ""
    asterisk_etc: Path | None = None
    asterisk_ws: str = ""
    hotline_drill: bool = True
    hotline_demo_phone: bool = False  # the web telephone at /call, for everybody who opens it
    hotline_city: str = "示范市"
    console_secure_cookie: bool = False  # 1 where browsers come by https
    console_session_hours: float = Field(default=10, gt=0, le=24)  # a shift and its handover
    console_wrap_up: float = Field(
        default=120, ge=0, le=3600
    )  # s of wrap-up after a call; 0: until the operator ends it
    console_lost_after: float = Field(default=10, ge=1, le=600)  # s without its page until a desk gets no more calls
    console_open_per_minute: int = Field(
        default=120, ge=1
    )  # requests of one address at the open door that come without a key
    console_answer_within: float = Field(default=15, gt=0, le=300)  # s; the goal of GB/T 33358-2016
    console_audio_processing: bool = True  # the browser's echo cancellation, noise suppression and gain control

    @property
    def home(self) -> Path:
        return self.hotline_home.absolute()

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home}/hotline.db"

    @property
    def redis(self) -> str:
        return self.redis_url or f"redis://127.0.0.1:{self.hotline_port_base + 10}/0"

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = (self.console_address or f"127.0.0.1:{self.hotline_port_base + 9}").rpartition(":")
        return host or "127.0.0.1", int(port)

    @property
    def line_door(self) -> str:
        return f"http://{self.line_address or f'127.0.0.1:{self.hotline_port_base + 6}'}"

    @property
    def manager(self) -> tuple[str, int]:
        host, _, port = (self.ami_address or f"127.0.0.1:{self.hotline_port_base + 3}").rpartition(":")
        return host or "127.0.0.1", int(port)

    @property
    def accounts_folder(self) -> Path:
        return self.asterisk_etc or self.home / "asterisk" / "etc"

    @property
    def sip_websocket(self) -> str:
        return self.asterisk_ws or f"ws://127.0.0.1:{self.hotline_port_base + 1}/ws"

    @property
    def accounts_file(self) -> Path:
        return self.home / "accounts.json"
