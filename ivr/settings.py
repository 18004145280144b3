"""What may a city set about its line?  Read from the environment once, in the door."""

from pathlib import Path

from pydantic import Field

from ivr.speech.turns import Timing
from routing.settings import City

SHIPPED_MODEL = Path(__file__).parent / "speech" / "model"
SHIPPED_TIMING = Timing()


class Settings(City):
    """The environment of the line's process; README has the table."""

    hotline_home: Path = Path("run")
    hotline_port_base: int = 21000
    database_url: str = ""
    redis_url: str = ""
    vosk_model: Path = SHIPPED_MODEL
    vosk_threads: int = Field(default=2, ge=1, le=64)
    wording: Path | None = None  # a city's own wording.toml, laid over the shipped one
    recordings: Path | None = None  # folder of <key>.wav, in place of the synthetic voice
    voice_cache: Path | None = None  # folder of rendered sentences; instances may share one
    piper_voice: Path | None = None  # an .onnx voice, where Piper is installed
    speech_interrupts: bool = True
    key_interrupts: bool = True
    patience: float = Field(default=10.0, ge=2, le=60)  # s of silence that mean: a person, please
    end_complete: float = Field(default=SHIPPED_TIMING.complete, ge=0.1, le=2)  # s of silence ending a complete turn
    end_open: float = Field(default=SHIPPED_TIMING.open, ge=0.2, le=3)
    end_unfinished: float = Field(default=SHIPPED_TIMING.unfinished, ge=0.3, le=5)

    @property
    def home(self) -> Path:
        return self.hotline_home.absolute()

    @property
    def voices(self) -> Path:
        """Where rendered sentences are kept."""
        return self.voice_cache or self.home / "voice"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home}/hotline.db"

    @property
    def redis(self) -> str:
        return self.redis_url or f"redis://127.0.0.1:{self.hotline_port_base + 10}/0"

    @property
    def timing(self) -> Timing:
        return Timing(
            complete=self.end_complete, open=self.end_open, unfinished=self.end_unfinished, patience=self.patience
        )
