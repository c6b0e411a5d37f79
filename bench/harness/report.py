"""From measures to the table."""

import dataclasses
import json
from statistics import median

from harness.work import MILLISECONDS, PER_SECOND, SECONDS

HEADERS = ["work", "service", "p50 / p99 ms", "PostgreSQL", "clients", "p50 / p99 ms", "ratio",
           "CPU µs: service + database", "PostgreSQL", "spread", "notes"]

TRIAL_HEADERS = ["tails", "service", "beside it", "ratio", "target", "spread", "notes"]


@dataclasses.dataclass
class Result:
    """One row: the rounds of the service, and those of PostgreSQL by number of clients."""

    title: str
    unit: str
    service: str
    rounds: list
    beside: dict

    def best(self):
        """The number of clients with which PostgreSQL does best, and its rounds."""
        return max(self.beside.items(), key=lambda entry: middle(entry[1], "rate"))

    def ratio(self):
        return over(middle(self.rounds, "rate"), middle(self.best()[1], "rate"))

    def errors(self):
        return sum(measure.errors for rounds in [self.rounds, *self.beside.values()] for measure in rounds)

    def cells(self):
        clients, beside = self.best()
        return [self.title, self._figure(self.rounds), latency(self.rounds), self._figure(beside), str(clients),
                latency(beside), f"{self.ratio():.2f}", f"{micros(self.rounds, 'service')} + {micros(self.rounds, 'database')}",
                micros(beside, "database"), f"{100 * max(spread(self.rounds), spread(beside)):.0f} %", self._notes()]

    def _figure(self, rounds):
        rate = middle(rounds, "rate")
        if self.unit == PER_SECOND:
            return f"{rate:,.0f}/s"
        if self.unit == MILLISECONDS:
            return f"{over(1000, rate):.2f} ms"
        assert self.unit == SECONDS
        return f"{over(1, rate):.2f} s, {rate * over(rounds[0].size, rounds[0].count) / 1e6:,.0f} MB/s"

    def _notes(self):
        notes = [f"**{self.errors()} errors**"] if self.errors() else []
        notes += sorted({measure.note for rounds in [self.rounds, *self.beside.values()] for measure in rounds if measure.note})
        for name in self.rounds[0].extra:
            notes.append(f"{name} {max(measure.extra.get(name, 0) for measure in self.rounds):+,}")
        return "; ".join(notes)


def middle(rounds, name):
    return median(getattr(measure, name) for measure in rounds)


def over(one, other):
    return one / other if other else float("nan")


def latency(rounds):
    if any(measure.p50 is None for measure in rounds):
        return "–"
    return f"{middle(rounds, 'p50'):.2f} / {middle(rounds, 'p99'):.2f}"


def micros(rounds, whose):
    figure = median(measure.cpu[whose] for measure in rounds)
    return f"{figure:.1f}" if figure < 10 else f"{figure:,.0f}"


def spread(rounds):
    rates = [measure.rate for measure in rounds]
    return over(max(rates) - min(rates), median(rates))


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    left = {0, len(widths) - 1}  # the others are figures

    def line(cells):
        padded = [cell.ljust(width) if column in left else cell.rjust(width)
                  for column, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * width if column in left else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join([line(rows[0]), line(rule), *map(line, rows[1:])])


def noise(results, findings):
    """The shares of the machine that something else took, of each round."""
    rounds = [measure for result in results for part in [result.rounds, *result.beside.values()] for measure in part]
    return [measure.others for measure in rounds] + [share for finding in findings for share in finding.others] or [0.0]


def markdown(results, findings, facts, problems):
    shares = noise(results, findings)
    usual, most = median(shares), max(shares)
    parts = [table([HEADERS, *(result.cells() for result in results)]), ""] if results else []
    parts += [table([TRIAL_HEADERS, *(finding.cells() for finding in findings)]), ""] if findings else []
    facts = [*facts, ("other processes", f"{usual:.0%} of the machine in the median round, {most:.0%} in the worst"
                      + (" – **too busy for figures that mean anything**" if usual > 0.05 else ""))]
    parts += [f"- {name}: {value}" for name, value in facts]
    if problems:
        parts += ["", "Problems:", *(f"- {problem}" for problem in problems)]
    return "\n".join(parts) + "\n"


def raw(results, findings, facts, problems):
    return json.dumps({"facts": dict(facts), "problems": problems,
                       "results": [dataclasses.asdict(result) for result in results],
                       "findings": [dataclasses.asdict(finding) for finding in findings]}, indent=1)
