"""What stands in Asterisk's run directory before it starts?"""

import os
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from asterisk_conf.layout import Installation
from asterisk_conf.settings import Telephone

TEMPLATES = Path(__file__).parent / "templates"
FOLDERS = ("etc", "lib", "lib/keys", "spool", "run", "log/cdr-csv", "rec", "moh", "agi-bin", "data/sounds/zh")


def ladder(routes: tuple[str, ...]) -> list[int]:
    """The order in which emergency routes are dialled, counted from 1: the first twice, then each other once."""
    return [1, *range(1, len(routes) + 1)]


def link(place: Path, target: Path) -> None:
    if place.is_symlink() and Path(os.readlink(place)) == target:
        return
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def data_folder(run: Path, shared: Path) -> None:
    """A data directory of its own: everything shared is a link, sounds/zh is this city's."""
    for entry in shared.iterdir():
        if entry.name != "sounds":
            link(run / "data" / entry.name, entry)
    for language in shared.glob("sounds/en_US_*"):
        link(run / "data/sounds/en", language)


def write(file: Path, text: str) -> None:
    """All or nothing, readable by the owner only."""
    part = file.with_name(file.name + ".part")
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def render(telephone: Telephone, asterisk: Installation) -> Path:
    """Write the whole configuration; returns the path of asterisk.conf."""
    for folder in FOLDERS:
        (telephone.run / folder).mkdir(parents=True, exist_ok=True)
    telephone.run.chmod(0o700)
    data_folder(telephone.run, asterisk.data)
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    values = {
        **{name: getattr(telephone, name) for name in telephone.__dataclass_fields__},
        "run": telephone.run,
        "etc": telephone.etc,
        "modules": asterisk.modules,
        "ladder": ladder(telephone.emergency_routes),
    }
    for template in sorted(TEMPLATES.glob("*.conf.j2")):
        name = template.name.removesuffix(".j2")
        write(telephone.etc / name, templates.get_template(template.name).render(values))
    return telephone.etc / "asterisk.conf"
