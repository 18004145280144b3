"""Is somebody guessing?  Counts tries per key within a window; pure but for the dictionary it keeps."""

from collections import deque

KEYS = 10_000  # remembered at once; the oldest go first


class Attempts:
    """At most `most` tries per key in `window` seconds."""

    def __init__(self, most: int, window: float) -> None:
        self._most, self._window = most, window
        self._tries: dict[str, deque[float]] = {}

    def too_many(self, key: str, now: float) -> bool:
        tries = self._tries.get(key)
        if tries is None:
            return False
        while tries and tries[0] <= now - self._window:
            tries.popleft()
        return len(tries) >= self._most

    def count(self, key: str, now: float) -> None:
        tries = self._tries.setdefault(key, deque(maxlen=self._most))
        tries.append(now)
        while len(self._tries) > KEYS:
            self._tries.pop(next(iter(self._tries)))

    def forget(self, key: str) -> None:
        self._tries.pop(key, None)
