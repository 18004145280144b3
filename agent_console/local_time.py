"""How is a moment shown?  In the city's time; inside everything is UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")


def shown(at: datetime | None, form: str = "%m月%d日 %H:%M") -> str:
    return at.astimezone(HERE).strftime(form) if at else ""
