"""What may a city set about its desks?  Read from the environment once, in the door."""

from pathlib import Path

from pydantic import Field

from routing.pictures import ZH, Limits
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
    hotline_file_bytes: int = Field(default=10 << 20, ge=1 << 16, le=100 << 20)  # of one attachment
    hotline_files_per_form: int = Field(default=6, ge=1, le=50)
    hotline_files_per_case: int = Field(default=40, ge=1, le=1000)
    hotline_file_kinds: str = Field(
        default="JPEG,PNG,WebP,PDF", pattern=r"^(JPEG|PNG|WebP|PDF)(,(JPEG|PNG|WebP|PDF))*$"
    )  # what an attachment may be, by its content
    hotline_picture_pixels: int = Field(default=50_000_000, ge=100_000, le=178_000_000)  # of one picture as sent
    hotline_picture_side: int = Field(default=2560, ge=200, le=10_000)  # pixels of the longer side, as kept
    console_audio_processing: bool = True  # the browser's echo cancellation, noise suppression and gain control

    @property
    def home(self) -> Path:
        return self.hotline_home.absolute()

    @property
    def files(self) -> Path:
        """Attachments of cases, under their hashes."""
        return self.home / "files"

    @property
    def file_limits(self) -> Limits:
        chosen = self.hotline_file_kinds.split(",")
        return Limits(
            size=self.hotline_file_bytes,
            number=self.hotline_files_per_form,
            per_case=self.hotline_files_per_case,
            kinds=frozenset(media for media, zh in ZH.items() if zh in chosen),
            pixels=self.hotline_picture_pixels,
            side=self.hotline_picture_side,
        )

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
