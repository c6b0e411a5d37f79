"""What trials find: the rows of the second table."""

from dataclasses import dataclass, field
from statistics import median
from typing import Optional

from harness.report import over


@dataclass(frozen=True)
class Target:
    """A bound for a value or a ratio; one of these is given."""

    at_least: Optional[float] = None
    at_most: Optional[float] = None
    below: Optional[float] = None

    def met_by(self, figure):
        return figure >= self.at_least if self.at_least is not None else \
            figure <= self.at_most if self.at_most is not None else figure < self.below

    def words(self, figure):
        bound = f"≥ {self.at_least}" if self.at_least is not None else \
            f"≤ {self.at_most}" if self.at_most is not None else f"< {self.below}"
        return bound if self.met_by(figure) else f"**{bound}**"


@dataclass
class Finding:
    """One row: a figure of each round, and of each what it is compared with, if anything."""

    title: str
    unit: str
    # what the figures beside are of; empty for none
    against: str = ""
    # the bound of the ratio, or of the value
    ratio: Optional[Target] = None
    value: Optional[Target] = None
    figures: list = field(default_factory=list)
    beside: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    errors: int = 0
    # shares of the machine's CPU time that went to something else
    others: list = field(default_factory=list)

    def add(self, figure, beside=None):
        self.figures.append(figure)
        if beside is not None:
            self.beside.append(beside)

    def cells(self):
        notes = ([f"**{self.errors} errors**"] if self.errors else []) + self.notes
        if not self.figures:
            return [self.title, *["–"] * 5, "; ".join(notes)]
        figure = median(self.figures)
        # of each round by itself: its two figures are neighbours in time, however the machine's speed changes later
        ratios = [over(*both) for both in zip(self.figures, self.beside)]
        ratio = median(ratios) if ratios else None
        return [self.title, self._text(figure),
                f"{self._text(median(self.beside))} ({self.against})" if self.beside else "–",
                f"{ratio:.2f}" if ratio is not None else "–", self._target(figure, ratio),
                f"{100 * spread(ratios or self.figures):.0f} %", "; ".join(notes)]

    def _text(self, figure):
        return (f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.2f}") + self.unit

    def _target(self, figure, ratio):
        if self.ratio and ratio is not None:
            return f"ratio {self.ratio.words(ratio)}"
        return self.value.words(figure) if self.value else "–"


def spread(figures):
    return over(max(figures) - min(figures), abs(median(figures))) if figures else 0
