"""Turns a scenario's file into steps, and refuses with a line number what could not be done.

    title: A fall, half a fill, a lost connection
    steps:
      - at: 09:31
        sim_price: {security: HK.00700, percent: -5}
      - when: {order: partly_filled}
        within: 10m
        sim_kick: {what: login}

A step's keys are its trigger and the commands of the console; `docs/scenarios.md` has the language.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import yaml

from gateway.fault_orders import read_protocol
from gateway.scenario import problems
from gateway.scenario.problems import ScenarioError
from gateway.scenario.steps import CommandCall, Pause, Scenario, Step, Track, Trigger
from gateway.scenario.triggers import SAMPLE_FACTS, TriggerReader
from gateway.scenario.yaml_file import Entry, YamlFile, is_nothing, is_text, line_of, shown
from simulator.domain import Venue
from simulator.market.universe import Universe
from telnet_ops.command_line import split_line
from telnet_ops.registry import Command, UsageError
from telnet_ops.texts import Text

_TRIGGERS: Final = ("at", "after", "when")
_STEP_KEYS: Final = (*_TRIGGERS, "within", "venue", "title", "do")
_FILE_KEYS: Final = ("title", "venue", "steps", "tracks")
FORBIDDEN: Final = frozenset({"sim_scenario", "help"})
"""Commands that make no sense in a scenario."""
_MOVES_TIME: Final = frozenset({"advance", "jump", "step"})
"""Parameters of `sim_clock` that would take the scenario's own time away."""
FACT_MARK: Final = "$"


class CommandTable(Protocol):
    """The console, as far as a scenario is read with it."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """Everything that it can do, by name."""
        ...

    def check(self, name: str, parameters: Mapping[str, str]) -> Command:
        """Judge a command without running it.

        Raises:
            UsageError: the command is unknown, or something is wrong with its parameters.
        """
        ...


def read_scenario(text: str, place: str, console: CommandTable, universe: Universe) -> Scenario:
    """Read a whole file.

    Args:
        text: YAML.
        place: the file's name, for messages.
        console: what the commands are checked against.
        universe: what securities there are.

    Raises:
        ScenarioError: with the line and what is wrong there.
    """
    return _Reader(YamlFile(place), console, universe).scenario(text)


class _Reader:
    def __init__(self, file: YamlFile, console: CommandTable, universe: Universe) -> None:
        self._file = file
        self._console = console
        self._triggers = TriggerReader(file, universe)

    def scenario(self, text: str) -> Scenario:
        root = self._file.compose(text)
        entries = self._file.entries(root, self._file.place)
        self._refuse_unknown(entries.values(), _FILE_KEYS)
        if ("steps" in entries) == ("tracks" in entries):
            raise self._file.problem(root, problems.STEPS_OR_TRACKS)
        venue = self._venue(entries, Venue.HK_STOCK)
        if "steps" in entries:
            tracks = [self._track("steps", entries["steps"].value, venue)]
        else:
            named = self._file.entries(entries["tracks"].value, "tracks")
            if not named:
                raise self._file.problem(entries["tracks"].value, problems.EMPTY, what="tracks")
            tracks = [self._track(name, entry.value, venue) for name, entry in named.items()]
        return Scenario(self._file.place, self._title(entries), tuple(tracks))

    def _track(self, name: str, node: yaml.Node, venue: Venue) -> Track:
        steps = self._file.items(node, name)
        return Track(name, tuple(self._step(step, venue) for step in steps))

    def _step(self, node: yaml.Node, venue: Venue) -> Step:
        entries = self._file.entries(node, "step", problems.COMMANDS)
        venue = self._venue(entries, venue)
        trigger, shown_trigger = self._trigger(node, entries, venue)
        within = entries.get("within")
        if within is not None and "when" not in entries:
            raise ScenarioError(self._file.place, within.line, problems.WITHIN_NEEDS_WHEN)
        calls = [
            call
            for entry in entries.values()
            for call in self._calls(entry)
            if entry.key not in _STEP_KEYS or entry.key == "do"
        ]
        if not calls and not any(key in entries for key in _TRIGGERS):
            raise self._file.problem(node, problems.NO_COMMANDS)
        return Step(
            line=line_of(node),
            title=self._title(entries),
            trigger=trigger,
            shown_trigger=shown_trigger,
            venue=venue,
            within_ns=self._triggers.span(within.value, "within") if within else None,
            calls=tuple(calls),
        )

    def _trigger(
        self, node: yaml.Node, entries: Mapping[str, Entry], venue: Venue
    ) -> tuple[Trigger, str]:
        given = [key for key in _TRIGGERS if key in entries]
        if len(given) > 1:
            raise self._file.problem(node, problems.ONE_TRIGGER)
        if not given:
            return Pause(0), "at once"
        (key,) = given
        value = entries[key].value
        told = f"{key} {shown(value).removeprefix('{').removesuffix('}')}"
        if key == "at":
            return self._triggers.time(value, venue), told
        if key == "after":
            return Pause(self._triggers.span(value, key)), told
        return self._triggers.condition(value), told

    # --- commands -----------------------------------------------------------------------------

    def _calls(self, entry: Entry) -> Iterable[CommandCall]:
        if entry.key in _STEP_KEYS and entry.key != "do":
            return
        if entry.key != "do":
            yield self._call(entry)
            return
        for item in self._file.items(entry.value, "do"):
            if is_text(item):
                yield self._typed(item)
                continue
            for inner in self._file.entries(item, "do", problems.COMMANDS).values():
                yield self._call(inner)

    def _typed(self, node: yaml.Node) -> CommandCall:
        """A command as it would be typed: `sim_price -security=HK.00700 -percent=-5`."""
        try:
            written = split_line(self._file.text(node, "do"))
        except UsageError as error:
            raise self._told(line_of(node), error) from error
        if written is None:
            raise self._file.problem(node, problems.NO_COMMANDS)
        line = line_of(node)
        lines = dict.fromkeys(written.parameters, line)
        return self._checked(written.name, line, written.parameters, lines)

    def _call(self, entry: Entry) -> CommandCall:
        if is_text(entry.value) and not is_nothing(entry.value):
            raise self._file.problem(
                entry.value, problems.EXPECTED, what=entry.key, expected=problems.COMMANDS
            )
        given = self._file.entries(entry.value, entry.key, problems.COMMANDS)
        parameters = {name: self._file.text(item.value, name) for name, item in given.items()}
        lines = {name: item.line for name, item in given.items()}
        return self._checked(entry.key, entry.line, parameters, lines)

    def _checked(
        self, name: str, line: int, parameters: Mapping[str, str], lines: Mapping[str, int]
    ) -> CommandCall:
        self._refuse_unfit(name, line, lines)
        filled = {
            key: self._sample(value, lines[key]) if value.startswith(FACT_MARK) else value
            for key, value in parameters.items()
        }
        try:
            self._console.check(name, filled)
        except UsageError as error:
            raise self._told(lines.get(error.parameter, line), error) from error
        self._check_names(filled, lines)
        return CommandCall(line, name, dict(parameters))

    def _check_names(self, written: Mapping[str, str], lines: Mapping[str, int]) -> None:
        """Refuse what is named and does not exist; commands find that out when they are given."""
        if "security" in written:
            self._triggers.known_security(written["security"], lines["security"])
        if "protocol" in written:
            try:
                read_protocol(written["protocol"])
            except UsageError as error:
                raise self._told(lines["protocol"], error) from error

    def _refuse_unfit(self, name: str, line: int, lines: Mapping[str, int]) -> None:
        if name not in self._console.commands:
            raise self._unknown(name, line)
        if name in FORBIDDEN:
            raise ScenarioError(
                self._file.place, line, problems.NOT_IN_SCENARIO, name=name, hint=""
            )
        known = [parameter.name for parameter in self._console.commands[name].parameters]
        for key in lines:
            if key not in known:
                raise self._unknown_key(key, lines[key], known)
        for key in filter(_MOVES_TIME.__contains__, lines) if name == "sim_clock" else ():
            raise ScenarioError(
                self._file.place,
                lines[key],
                problems.NOT_IN_SCENARIO,
                name=f"{name} {key}",
                hint=problems.USE_WAITING,
            )

    def _unknown(self, name: str, line: int) -> ScenarioError:
        names = [*_STEP_KEYS, *self._console.commands]
        near = difflib.get_close_matches(name, names, 1)
        guess = Text(*(t.format(name=near[0]) for t in problems.GUESS)) if near else Text("", "")
        allowed = ", ".join(_STEP_KEYS)
        return ScenarioError(
            self._file.place,
            line,
            problems.UNKNOWN_STEP_KEY,
            key=name,
            guess=guess,
            allowed=Text(allowed, allowed),
        )

    def _sample(self, value: str, line: int) -> str:
        name = value.removeprefix(FACT_MARK)
        if name not in SAMPLE_FACTS:
            allowed = ", ".join(f"{FACT_MARK}{fact}" for fact in SAMPLE_FACTS)
            raise ScenarioError(
                self._file.place,
                line,
                problems.UNKNOWN_FACT,
                name=name,
                allowed=Text(allowed, allowed),
            )
        return SAMPLE_FACTS[name]

    def _told(self, line: int, error: UsageError) -> ScenarioError:
        both = Text(error.in_language("chs"), error.in_language("en"))
        return ScenarioError(self._file.place, line, Text("{told}", "{told}"), told=both)

    # --- what files and steps have in common --------------------------------------------------

    def _title(self, entries: Mapping[str, Entry]) -> str:
        entry = entries.get("title")
        return self._file.text(entry.value, "title") if entry else ""

    def _venue(self, entries: Mapping[str, Entry], usual: Venue) -> Venue:
        entry = entries.get("venue")
        return self._triggers.venue(entry.value) if entry else usual

    def _refuse_unknown(self, entries: Iterable[Entry], allowed: tuple[str, ...]) -> None:
        for entry in entries:
            if entry.key not in allowed:
                raise self._unknown_key(entry.key, entry.line, allowed)

    def _unknown_key(self, key: str, line: int, allowed: Iterable[str]) -> ScenarioError:
        names = ", ".join(allowed) or "-"
        return ScenarioError(
            self._file.place, line, problems.UNKNOWN_KEY, key=key, allowed=Text(names, names)
        )
