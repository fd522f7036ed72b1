"""Reads YAML so that whoever wants a value can say in which line it is wrong.

Every value is taken as it is written: `09:31` and `yes` stay texts, as they would be on the console.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import yaml

from gateway.scenario import problems
from gateway.scenario.problems import ScenarioError
from telnet_ops.texts import Text

MAX_CHARACTERS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a mapping."""

    key: str
    line: int
    value: yaml.Node


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One file, by the name that messages give it."""

    place: str

    def compose(self, text: str) -> yaml.Node:
        """Take the text apart.

        Raises:
            ScenarioError: it is no YAML, empty, too long, or full of references.
        """
        if len(text) > MAX_CHARACTERS:
            raise ScenarioError(self.place, 1, problems.TOO_LONG, limit=str(MAX_CHARACTERS))
        try:
            for token in yaml.scan(text, Loader=yaml.SafeLoader):
                if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                    line = token.start_mark.line + 1
                    raise ScenarioError(self.place, line, problems.NO_ALIASES)
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            detail = error.problem or "?"
            raise ScenarioError(self.place, line, problems.NOT_YAML, detail=detail) from None
        except (yaml.YAMLError, RecursionError) as error:
            raise ScenarioError(
                self.place, 1, problems.NOT_YAML, detail=type(error).__name__
            ) from None
        if node is None:
            raise ScenarioError(self.place, 1, problems.EMPTY, what=self.place)
        return node

    def problem(self, node: yaml.Node, text: Text, **fields: str | Text) -> ScenarioError:
        """What to raise about a value."""
        return ScenarioError(self.place, line_of(node), text, **fields)

    def text(self, node: yaml.Node, what: str, expected: Text = problems.ANY_TEXT) -> str:
        """A value that is one text.

        Raises:
            ScenarioError: it is a list or a mapping, or nothing.
        """
        if not isinstance(node, yaml.ScalarNode):
            raise self.problem(node, problems.EXPECTED, what=what, expected=expected)
        written = str(node.value).strip()
        if not written:
            raise self.problem(node, problems.EMPTY, what=what)
        return written

    def entries(
        self, node: yaml.Node, what: str, expected: Text = problems.A_MAPPING
    ) -> dict[str, Entry]:
        """A mapping's entries in the order of the file; a value that is left out is an empty one.

        Raises:
            ScenarioError: it is no mapping, or a key stands there twice.
        """
        if is_nothing(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise self.problem(node, problems.EXPECTED, what=what, expected=expected)
        found: dict[str, Entry] = {}
        for key_node, value in node.value:
            key = self.text(key_node, what)
            if key in found:
                raise self.problem(key_node, problems.REPEATED_KEY, key=key)
            found[key] = Entry(key, line_of(key_node), value)
        return found

    def items(
        self, node: yaml.Node, what: str, expected: Text = problems.A_LIST
    ) -> list[yaml.Node]:
        """A list's values.

        Raises:
            ScenarioError: it is no list, or has none.
        """
        if not isinstance(node, yaml.SequenceNode):
            raise self.problem(node, problems.EXPECTED, what=what, expected=expected)
        if not node.value:
            raise self.problem(node, problems.EMPTY, what=what)
        return list(node.value)


def line_of(node: yaml.Node) -> int:
    """The line in which a value begins, from 1."""
    return int(node.start_mark.line) + 1


def is_nothing(node: yaml.Node) -> bool:
    """Whether nothing was written."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def is_text(node: yaml.Node) -> bool:
    """Whether it is one text."""
    return isinstance(node, yaml.ScalarNode)


def shown(node: yaml.Node) -> str:
    """A value on one line, much as it is written."""
    if isinstance(node, yaml.MappingNode):
        inner = ", ".join(f"{shown(key)}: {shown(value)}" for key, value in node.value)
        return f"{{{inner}}}"
    if isinstance(node, yaml.SequenceNode):
        return f"[{', '.join(map(shown, node.value))}]"
    return " ".join(str(node.value).split())
