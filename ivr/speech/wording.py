"""Which sentence does a caller hear?"""

import tomllib
from pathlib import Path

SHIPPED = Path(__file__).with_name("wording.toml")
ASTERISK = "asterisk "  # keys that Asterisk itself plays


class Wording:
    """The sentences of wording.toml, with a city's own laid over them."""

    def __init__(self, own: Path | None = None) -> None:
        self._sentences: dict[str, str] = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
        if own is not None:
            replaced = tomllib.loads(own.read_text(encoding="utf-8"))
            unknown = sorted(set(replaced) - set(self._sentences))
            if unknown:
                raise ValueError(f"{own}: no such sentence: {', '.join(unknown)}")
            self._sentences |= replaced

    def __getitem__(self, key: str) -> str:
        return self._sentences[key]

    def say(self, key: str, **filled: str) -> str:
        """The sentence with its names filled in.  KeyError when the key or a name is missing."""
        return self._sentences[key].format(**filled)

    def fixed(self) -> dict[str, str]:
        """Sentences without names, which can be rendered before the first call; Asterisk's own are not among them."""
        return {k: s for k, s in self._sentences.items() if "{" not in s and not k.startswith(ASTERISK)}

    def for_asterisk(self) -> dict[str, str]:
        """File below sounds/zh -> sentence."""
        return {k.removeprefix(ASTERISK): s for k, s in self._sentences.items() if k.startswith(ASTERISK)}
