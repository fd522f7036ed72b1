"""The generated pages are fresh and complete."""

import re

import pytest

from gateway.rate_limits import LIMITS
from gateway.wire.proto_ids import ProtoId
from tools.docs_from_registry import (
    COMMAND,
    ROOT,
    main,
    pages,
    protocols_page,
    rate_limits_page,
    stale_pages,
)


def test_generated_pages_are_fresh():
    """The pages say what the registry holds now."""
    stale = stale_pages(ROOT, pages())

    assert stale == [], f"run: {COMMAND}"


def test_check_names_stale_pages(monkeypatch, tmp_path, capsys):
    """Checking changes nothing and fails; writing makes the check pass."""
    monkeypatch.setattr("tools.docs_from_registry.ROOT", tmp_path)
    (tmp_path / "docs").mkdir()

    assert main(["--check"]) == 1
    assert capsys.readouterr().out == (
        "stale: docs/protocols.md\nstale: docs/rate_limits.md\nstale: docs/console.md\n"
        "stale: docs/fidelity.md\n"
    )
    assert list((tmp_path / "docs").iterdir()) == []
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_every_protocol_has_one_row_in_order():
    """Rows follow the numbers, so that a new handler changes one line."""
    numbers = re.findall(r"^\| (\d+) \|", protocols_page(), re.MULTILINE)

    assert [str(number) for number in sorted(ProtoId)] == numbers


@pytest.mark.parametrize(
    "row",
    [
        "| 3203 | `Qot_GetSecuritySnapshot` | 获取市场快照 / Get Market Snapshot | 60 | user | |",
        "| 2202 | `Trd_PlaceOrder` | 下单 / Place Order | 15 | account | 0.02 s | |",
    ],
)
def test_limit_has_its_row(row):
    """A row shows number, names, scope and spacing."""
    page = re.sub(r" +", " ", rate_limits_page())

    assert row in page
    assert len(LIMITS) == len(re.findall(r"^\| \d+ \|", page, re.MULTILINE))
