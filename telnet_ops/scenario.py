"""Scenarios, as the console starts and shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

StepState = Literal["done", "waiting", "later", "failed"]
ScenarioState = Literal["running", "finished", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step of a scenario."""

    line: int
    """Of its file."""
    title: str
    trigger: str
    """What it waits for, as written."""
    state: StepState
    at_ns: int | None = None
    """When it happened, gateway time; None while it has not."""
    told: str = ""
    """What its commands answered, or why it failed."""


@dataclass(frozen=True, slots=True)
class TrackReport:
    """Steps that follow one another."""

    name: str
    steps: tuple[StepReport, ...]


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """How far a scenario is."""

    place: str
    """The name of its file."""
    title: str
    state: ScenarioState
    tracks: tuple[TrackReport, ...]


class Scenarios(Protocol):
    """Runs one scenario at a time."""

    def load(self, text: str, place: str) -> None:
        """Begin a scenario; it takes the place of one that is under way.

        Args:
            text: the file's content.
            place: the file's name, for messages.

        Raises:
            UsageError: there is something wrong with it; nothing has changed then.
        """
        ...

    def stop(self) -> None:
        """Let the rest not happen; what has happened stays."""
        ...

    def report(self) -> ScenarioReport | None:
        """How far it is; None if there was no scenario."""
        ...
