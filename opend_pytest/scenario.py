"""How far a scenario is, as a test sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scenario."""

    line: int
    """Of its file."""
    title: str
    trigger: str
    state: str
    """`done`, `waiting`, `later` or `failed`."""
    told: str
    """What its commands answered, or why it failed."""


@dataclass(frozen=True, slots=True)
class ScenarioProgress:
    """A scenario on its way."""

    state: str
    """`running`, `finished`, `failed` or `stopped`."""
    steps: tuple[Step, ...]

    @property
    def is_finished(self) -> bool:
        """Whether every step is done."""
        return self.state == "finished"


def progress_of(report: Mapping[str, Any]) -> ScenarioProgress:
    """Read what the gateway tells."""
    steps = [step for track in report["tracks"] for step in track["steps"]]
    names = Step.__dataclass_fields__
    return ScenarioProgress(
        report["state"], tuple(Step(**{name: step[name] for name in names}) for step in steps)
    )
