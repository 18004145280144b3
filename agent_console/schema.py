"""Which shape must the console's tables have?  Its own migrations, run as routing runs its."""

from pathlib import Path

from routing.schema import Shape

OURS = Shape(Path(__file__).parent / "migrations", lock=12345_03)
upgrade, downgrade = OURS.upgrade, OURS.downgrade
