"""The whole suite in one command.

    python -m benchmarks [--json file] [--markdown file] [name …]

Names: startup, wire, matching, place_order, pushes, idle, queries, attacks; all of them without any.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import attacks, idle, matching, place_order, pushes, queries, startup, wire
from benchmarks.report import Row, as_json, markdown

PARTS: Final[dict[str, Callable[[], list[Row]]]] = {
    "startup": startup.rows,
    "wire": wire.rows,
    "matching": matching.rows,
    "place_order": place_order.rows,
    "pushes": pushes.rows,
    "idle": idle.rows,
    "queries": queries.rows,
    "attacks": attacks.rows,
}


def main() -> None:
    """Measure part by part and write what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for name in arguments.names or PARTS:
        found = PARTS[name]()
        print(markdown(found), flush=True)
        rows += found
    if arguments.json:
        arguments.json.write_text(as_json(rows) + "\n", encoding="utf-8")
    if arguments.markdown:
        arguments.markdown.write_text(markdown(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
