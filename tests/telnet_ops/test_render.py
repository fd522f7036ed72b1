"""Tables align on a terminal, and numbers carry their units."""

from __future__ import annotations

from telnet_ops.render import display_width, milliseconds, percent, span, table


def test_columns_align_also_with_chinese() -> None:
    """A Chinese character counts two cells; the last column leaves no blanks."""
    assert table(("名", "b"), [("xyz", "1"), ("甲乙", "22")]) == "名    b\nxyz   1\n甲乙  22"


def test_rows_may_be_longer_than_the_header() -> None:
    """A title above a list of two columns does not cut them."""
    assert table(("T:",), [("a", "1"), ("bcd", "2")]) == "T:\na    1\nbcd  2"


def test_width_counts_cells() -> None:
    """Full-width punctuation is two cells wide as well."""
    assert display_width("a，中") == 5


def test_numbers_carry_units() -> None:
    """Durations, shares and ranges say what they are."""
    assert milliseconds(1.23456) == "1.235ms"
    assert percent(12.3456) == "12.35%"
    assert span(0, 2) == "0-2ms"
    assert span(2000, -1) == ">=2000ms"
