"""What does a case desk work with?  The city's catalogue, territory and calendar, and the feed to the desks."""

from dataclasses import dataclass, field

from routing.catalogue import Catalogue, shipped
from routing.escalation import LOOK, Patience
from routing.feed import Feed
from routing.file_store import FileStore
from routing.grids import Territory, sample
from routing.pictures import Limits
from routing.working_time import Calendar


@dataclass(frozen=True)
class Office:
    """What the desk works with; a city's own values in place of the shipped ones."""

    catalogue: Catalogue = field(default_factory=shipped)
    territory: Territory = field(default_factory=sample)
    calendar: Calendar = field(default_factory=Calendar)
    city: str = "03"
    feed: Feed | None = None
    files: FileStore | None = None  # where attachments lie; None: this process keeps none
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=lambda: Patience.of(*LOOK))
