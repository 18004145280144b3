"""How do pages go down to the rooms that decide and remember?  Through this wrapper: a thread and a session."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from routing.database import connect, writing

P = ParamSpec("P")
R = TypeVar("R")
THREADS = 8  # at once; SQLite writes one at a time anyway


class Downstairs:
    """One engine, a few threads.  A page asks; what it gets is a value."""

    def __init__(self, database_url: str) -> None:
        self.engine: Engine = connect(database_url)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="downstairs")

    async def read(self, ask: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `ask(session, …)`; nothing it changes is kept."""

        def work() -> R:
            with Session(self.engine) as session:
                return ask(session, *args, **kwargs)

        return await self.plainly(work)

    async def write(self, do: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `do(session, …)` and commit; an exception keeps nothing."""

        def work() -> R:
            with writing(self.engine) as session:
                done = do(session, *args, **kwargs)
                session.commit()
                return done

        return await self.plainly(work)

    async def plainly(self, work: Callable[[], R]) -> R:
        """Something that blocks and needs no session."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.engine.dispose()
