"""Write docs/clients.md from the reports of runs of the client matrix.

python -m tools.client_matrix <report> …     JUnit files that pytest wrote (`make matrix` does both)
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "clients.md"
MODES: Final = ("plain", "RSA + AES", "JSON", "RSA + AES, JSON")
_PASSED, _ABSENT, _FAILED, _NOT_RUN = "✔", "–", "✘", "·"

_HEAD: Final = """\
# Clients

<!-- Written by `make matrix` from the report of a real run: do not edit. -->

Every client below lived through the same day against the emulator, unmodified: connect, snapshot, a history in
pages that must be the market's to the last digit, every kind of push, an order to its fill, a cancel, the
history of orders. What is asked of each feature stands in `tests/conformance/matrix/observed_day.py`.
`make conformance` runs the most telling of them with every build, `make matrix` runs all and writes this page.

✔ n: that many features passed; – m: so many the client does not offer, see the notes; ✘ failed; · not run.

"""
_UNREACHED: Final = """\
## Not in the run

| client | why |
| --- | --- |
| C++ SDK | comes as an archive from its vendor's site, in no package registry |
| C# SDK (`FTAPI4Net`) | needs .NET, which the machines of these tests lack |
| Go clients | the module proxies within reach serve none of them; once, from its source, the test suite of hyperjiang/futu 1.6 (48 tests, encrypted) ran against the emulator: 44 passed, the others ask for two codes that this market lacks, for margin ratios of a paper account, and to cancel a market order that was filled |
| vnpy_futu | in no package registry; once, from its source of 2022, it traded and heard books, orders and fills; it leaves quotes out, for it expects their times in whole seconds, and OpenD's later samples have milliseconds |

"""


@dataclass(frozen=True, slots=True)
class Row:
    """One client in one mode."""

    client: str
    mode: str
    runtime: str
    verdicts: Mapping[str, str]
    """By feature; empty if it did not run."""
    trouble: str
    """Why it did not run, or failed as a whole."""


def main(arguments: list[str]) -> int:
    """Write the page of the named reports."""
    rows = [row for report in arguments for row in read_report(Path(report))]
    PAGE.write_text(page(rows), encoding="utf-8")
    print(f"wrote: {PAGE.relative_to(ROOT)}")
    return 0


def read_report(path: Path) -> list[Row]:
    """All rows of a report, in the order in which they ran.

    Raises:
        FileNotFoundError, ElementTree.ParseError: it is missing or no report.
    """
    cases = ElementTree.parse(path).getroot().iter("testcase")  # noqa: S314 - our own file
    return [row for row in map(_row, cases) if row is not None]


def page(rows: Iterable[Row]) -> str:
    """The whole page; the same rows give the same text."""
    clients: dict[str, list[Row]] = {}
    for row in rows:
        clients.setdefault(row.client, []).append(row)
    notes = _Notes()
    summary = [_summary(client, found, notes) for client, found in clients.items()]
    features = list(dict.fromkeys(name for row in _flat(clients) for name in row.verdicts))
    details = [
        (client, *(_feature(found, name, notes) for name in features))
        for client, found in clients.items()
        if any(row.verdicts for row in found)
    ]
    return "".join(
        (
            _HEAD,
            "## Modes\n\n",
            _table(("client", "runs on", *MODES), summary),
            "\n## Features\n\n",
            _table(("client", *features), details),
            "\n",
            _UNREACHED,
            "## Notes\n\n",
            *(f"{number}. {note}\n" for note, number in notes.numbers.items()),
        )
    )


class _Notes:
    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def mark(self, note: str) -> str:
        number = self.numbers.setdefault(note, len(self.numbers) + 1)
        return f"<sup>{number}</sup>"


def _row(case: ElementTree.Element) -> Row | None:
    told = {found.attrib["name"]: found.attrib["value"] for found in case.iter("property")}
    if "client" not in told:
        return None
    troubles = [case.find(kind) for kind in ("skipped", "failure", "error")]
    trouble = next((found.attrib["message"] for found in troubles if found is not None), "")
    verdicts = json.loads(told.get("verdicts", "{}"))
    notes = json.loads(told.get("notes", "{}"))
    for name, note in notes.items():
        if name not in verdicts and verdicts:
            trouble = trouble or f"{name}: {note}"
    return Row(told["client"], told["mode"], told.get("runtime", ""), verdicts, trouble)


def _flat(clients: Mapping[str, list[Row]]) -> Iterator[Row]:
    return (row for rows in clients.values() for row in rows)


def _summary(client: str, rows: list[Row], notes: _Notes) -> tuple[str, ...]:
    runtimes = dict.fromkeys(row.runtime for row in rows if row.runtime)
    by_mode = {row.mode: row for row in rows}
    cells = (_mode(by_mode.get(mode), notes) for mode in MODES)
    return (client, "<br>".join(runtimes) or _NOT_RUN, *cells)


def _mode(row: Row | None, notes: _Notes) -> str:
    if row is None:
        return _NOT_RUN
    mark = notes.mark(row.trouble) if row.trouble else ""
    if not row.verdicts:
        return _NOT_RUN + mark
    passed = sum(verdict == "passed" for verdict in row.verdicts.values())
    absent = sum(verdict.startswith("not offered") for verdict in row.verdicts.values())
    failed = len(row.verdicts) - passed - absent
    parts = ((_PASSED, passed), (_ABSENT, absent), (_FAILED, failed))
    return " ".join(f"{sign} {count}" for sign, count in parts if count) + mark


def _feature(rows: list[Row], name: str, notes: _Notes) -> str:
    verdicts = dict.fromkeys(row.verdicts[name] for row in rows if name in row.verdicts)
    bad = [verdict for verdict in verdicts if verdict != "passed"]
    if not bad:
        return _PASSED
    sign = _ABSENT if all(verdict.startswith("not offered") for verdict in bad) else _FAILED
    return sign + "".join(notes.mark(verdict.partition(": ")[2]) for verdict in bad)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
