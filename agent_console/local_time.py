"""How is a moment shown?  In the city's time; inside everything is UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")


def shown(at: datetime | None, form: str = "%m月%d日 %H:%M") -> str:
    return at.astimezone(HERE).strftime(form) if at else ""


def moment(iso: str | None) -> str:
    """The same for a moment as it stands in a picture of the live pages."""
    return shown(datetime.fromisoformat(iso), "%m月%d日 %H:%M:%S") if iso else ""
