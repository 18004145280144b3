"""A process that holds large tables."""

import subprocess
import sys

COLLECTED = """
import gc, time
from routing.heap import settle
tables = [{"word": [str(n)]} for n in range(200_000)]

def pause():
    began = time.perf_counter()
    gc.collect()
    return time.perf_counter() - began

before = min(pause() for _ in range(3))
settle()
after = min(pause() for _ in range(3))
cycle = []
cycle.append(cycle)
del cycle
print(before / after, gc.collect())
"""


def test_the_tables_stop_nobody_and_what_comes_later_is_still_collected():
    done = subprocess.run([sys.executable, "-c", COLLECTED], capture_output=True, text=True, check=True, timeout=60)
    shorter, collected = done.stdout.split()
    assert float(shorter) > 5
    assert int(collected) >= 1
