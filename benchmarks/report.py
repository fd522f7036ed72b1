"""What a benchmark says, as Markdown and as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: What was done.
        goal: What must be reached; empty: the figure is only reported.
        measured: The result in words.
        holds: Whether the goal is reached; None without one.
        figures: The numbers behind the words, by name with unit.
    """

    what: str
    goal: str
    measured: str
    holds: bool | None = None
    figures: dict[str, float] = field(default_factory=dict)


def markdown(rows: Iterable[Row]) -> str:
    """A table."""
    verdicts = {True: "yes", False: "**no**", None: ""}
    lines = ["| what | goal | measured | reached |", "| --- | --- | --- | --- |"]
    lines += [f"| {r.what} | {r.goal} | {r.measured} | {verdicts[r.holds]} |" for r in rows]
    return "\n".join(lines)


def as_json(rows: Iterable[Row]) -> str:
    """The same for programs."""
    return json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
