"""One line of a table of times."""

from typing import Any


def percentile(taken: list[float], share: float) -> float:
    """taken: ms, sorted."""
    return round(taken[min(len(taken) - 1, int(share * len(taken)))], 1)


def line(database: str, question: str, taken: list[float]) -> dict[str, Any]:
    """p50, p95, p99 and worst of the times (ms)."""
    ordered = sorted(taken)
    return {
        "database": database, "question": question, "p50": percentile(ordered, 0.5), "p95": percentile(ordered, 0.95),
        "p99": percentile(ordered, 0.99), "worst": round(ordered[-1], 1), "times": len(ordered),
    }  # fmt: skip
