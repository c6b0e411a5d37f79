"""The words that bench/rows.py is written in, and what a round comes to."""

from dataclasses import dataclass, field
from typing import Any, List, Optional

DEFAULT = "default"
CACHE_OFF = "cache-off"
REPLICA = "replica"

# The settings that each service is started with, beside the address of the database.
SERVICES = {DEFAULT: {}, CACHE_OFF: {"STORE_CACHE_SIZE": "0B"}, REPLICA: {}}

PER_SECOND = "per second"
MILLISECONDS = "milliseconds each"
SECONDS = "seconds each"

# No more clients than this: beyond it one-at-a-time work on PostgreSQL only gets slower.
MOST_CLIENTS = 64
FEW_CLIENTS = 16


@dataclass(frozen=True)
class Over:
    """One row: over how many connections, to which service."""

    connections: int
    service: str = DEFAULT
    label: str = ""

    def clients(self):
        """Numbers of clients that PostgreSQL may use to keep up with this row; the better one counts."""
        most = min(self.connections, MOST_CLIENTS)
        return [FEW_CLIENTS, most] if most > FEW_CLIENTS else [most]


@dataclass
class Work:
    """A piece of work: once over HTTP, in as many rows as it has overs, and once straight from PostgreSQL."""

    name: str
    http: Any
    sql: Any
    rows: List[Over]
    unit: str = PER_SECOND

    def title(self, row):
        connections = f"{row.connections} connection" + ("s" if row.connections > 1 else "")
        return ", ".join(part for part in (self.name, row.label, connections) if part)


def cpu_of_each(watch, units):
    """Microseconds of CPU for each of so many requests."""
    return {name: 1e6 * watch.used[name] / (units or 1) for name in ("service", "database")}


@dataclass
class Measure:
    """What one round came to."""

    count: int
    seconds: float
    # milliseconds
    p50: Optional[float] = None
    p99: Optional[float] = None
    errors: int = 0
    # bytes of answers, where they matter
    size: int = 0
    # what CPU time is divided by, where that is not the count: messages of a stream
    parts: int = 0
    # what else there is to say, by a name with its unit: the largest of all rounds is printed
    extra: dict = field(default_factory=dict)
    # what went wrong
    note: str = ""
    # microseconds of CPU by "service", "database"
    cpu: dict = field(default_factory=dict)
    # share of the machine's CPU time that went to neither service, database nor load generator
    others: float = 0.0

    @property
    def rate(self):
        return self.count / self.seconds if self.seconds else 0.0
