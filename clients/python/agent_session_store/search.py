"""What a search gives."""
import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Optional

from .shapes import loaded_found, time_of


class FoundMessages(Iterator[dict[str, Any]]):
    """
    The messages that `Database.search` finds, the newest first, to be taken once.

    indexed_through  what was committed before this time is found, and what came later perhaps; None until the first
                     message was asked for
    """

    def __init__(self, parts: Iterator[Any], limit: Optional[int]) -> None:
        self.indexed_through: Optional[datetime] = None
        self._messages = itertools.islice(self._of(parts), limit)

    def __next__(self) -> dict[str, Any]:
        return next(self._messages)

    def _of(self, parts: Iterator[Any]) -> Iterator[dict[str, Any]]:
        for part in parts:
            if self.indexed_through is None:  # what later parts know is not true of the first
                self.indexed_through = time_of(part["indexed_through"])
            yield from map(loaded_found, part["data"])
