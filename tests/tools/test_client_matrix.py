"""The page of the client matrix says what the report of a run says."""

from xml.etree import ElementTree

import pytest

from tests.conformance.matrix.python_clients import RELEASES
from tools.client_matrix import PAGE, page, read_report

REPORT = """\
<testsuites><testsuite>
<testcase name="one"><properties>
  <property name="client" value="futu-api 1" /><property name="mode" value="plain" />
  <property name="runtime" value="CPython 3.11" /><property name="notes" value="{}" />
  <property name="verdicts" value='{"snapshot": "passed", "fill push": "passed"}' />
</properties></testcase>
<testcase name="two"><properties>
  <property name="client" value="futu-api 1" /><property name="mode" value="JSON" />
  <property name="runtime" value="CPython 3.11" />
  <property name="notes" value='{"fill push": "no handler"}' />
  <property name="verdicts" value='{"snapshot": "failed: 3 &gt; 2", "fill push": "not offered: no handler"}' />
</properties><failure message="AssertionError: 3 &gt; 2" /></testcase>
<testcase name="three"><properties>
  <property name="client" value="Java" /><property name="mode" value="plain" />
</properties><skipped message="mvn is not installed" /></testcase>
<testcase name="of something else" />
</testsuite></testsuites>
"""


@pytest.fixture
def text(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    return page(read_report(report))


def test_modes_count_what_passed(text):
    """Passed, failed and absent features of each mode, and the reason of trouble as a note."""
    assert "| futu-api 1 | CPython 3.11 | ✔ 2 | · | – 1 ✘ 1<sup>1</sup> | · |" in text
    assert "1. AssertionError: 3 > 2" in text


def test_a_client_that_could_not_run_says_why(text):
    """It is in the table of modes alone."""
    assert "| Java | · | ·<sup>2</sup> | · | · | · |" in text
    assert "2. mvn is not installed" in text
    assert "| Java | ✔" not in text


def test_a_feature_is_passed_when_no_mode_failed(text):
    """The worst verdict of all modes counts."""
    (row,) = [line for line in text.splitlines() if line.startswith("| futu-api 1 | ✘")]

    assert row == "| futu-api 1 | ✘<sup>3</sup> | –<sup>4</sup> |"


def test_a_report_must_be_one(tmp_path):
    """Anything else is refused."""
    (tmp_path / "report.xml").write_text("no report")

    with pytest.raises(ElementTree.ParseError):
        read_report(tmp_path / "report.xml")


def test_the_page_knows_every_client():
    """Who adds a client runs the matrix again."""
    page_text = PAGE.read_text(encoding="utf-8")

    assert [r.name for r in RELEASES if f"| {r.name} | CPython" not in page_text] == []
