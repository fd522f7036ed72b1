"""The plugin's journal and faults: methods, and what stands below a failed test."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.wire.proto_ids import ProtoId
from opend_pytest.command_link import ControlError
from opend_pytest.journal_text import TAIL, tails
from opend_pytest.opend import OpenD
from opend_pytest.plugin import DEFAULT_SETTINGS
from tests.support.raw_client import RawClient

slow = pytest.mark.slow


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenD]:
    """As a test gets it."""
    directory = tmp_path_factory.mktemp("opend")
    with OpenD(directory, sys.executable, DEFAULT_SETTINGS, None) as opend:
        yield opend


@slow
def test_a_gateway_for_tests_keeps_a_journal(gateway: OpenD, tmp_path: Path) -> None:
    """What a client sent and got can be listed and counted, and the summary has it."""
    with RawClient(gateway.port) as client:
        refused = client.ask(ProtoId.Qot_GetBasicQot, securityList=[{"market": 1, "code": "00700"}])
        sent = gateway.journal(conn_id=client.conn_id, direction="request")

        assert refused.retType == -1
        assert [entry["protocol"] for entry in sent] == ["InitConnect", "Qot_GetBasicQot"]
        assert gateway.count(conn_id=client.conn_id, security="HK.00700", ret=-1) == 0
        assert gateway.count(conn_id=client.conn_id, ret=-1) == 1
        assert "Qot_GetBasicQot" in gateway.journal_tail()
        path = tmp_path / "journal.jsonl"
        assert gateway.control.save_journal(path, conn_id=client.conn_id) == 4
        lines = path.read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["serial"] for line in lines] == [1, 1, 2, 2]


@slow
def test_faults_begin_and_end(gateway: OpenD) -> None:
    """A fault has a number, counts what it hits, and ends when told."""
    control = gateway.control
    number = control.fault("error", protocol="GetGlobalState", message="try later", count=1)
    with RawClient(gateway.port) as client:
        replies = [client.ask(ProtoId.GetGlobalState, userID=0) for _ in range(2)]
        assert [reply.retMsg for reply in replies] == ["try later", ""]
        assert [f["struck"] for f in control.faults() if f["fault_id"] == number] == [1]
        control.clear_faults(number)
        assert control.lose_link("quotes", lasts="1s") == number + 1
        control.clear_faults()
        assert control.faults() == []
        assert control.cut(conn_id=client.conn_id) is None
        assert client.is_closed()


@slow
def test_what_cannot_be_is_refused_with_words(gateway: OpenD) -> None:
    """An unknown protocol, a wrong query and a missing journal are errors that say so."""
    control = gateway.control
    with pytest.raises(ControlError, match="the name or number of a protocol"):
        control.fault("drop", protocol="Qot_Nothing")
    with pytest.raises(ControlError, match="Unknown parameter: colour"):
        control.journal(colour="red")  # type: ignore[call-arg]
    control.keep_journal(0)
    try:
        for look in (control.journal, control.count):
            with pytest.raises(ControlError, match="There is no journal"):
                look()
        assert gateway.journal_tail() == ""
    finally:
        control.keep_journal(100)
    control.clear_journal()
    assert control.count() == 0


def entry(number: int, conn_id: str, **changes: object) -> dict[str, object]:
    """One entry as the gateway gives it."""
    return {
        "n": number,
        "time": "2026-01-15T01:30:00.000Z",
        "conn_id": conn_id,
        "client": "strategy",
        "direction": "reply",
        "protocol": "Trd_PlaceOrder",
        "serial": 7,
        "faults": [],
        "delivered": True,
        "ret_type": 0,
        "ret_msg": "",
        "message": {"orderID": "1"},
        **changes,
    }


def test_the_summary_shows_the_last_entries_of_each_connection() -> None:
    """A paragraph each, with refusals and what faults did, and nothing too wide."""
    first = [entry(n, "71") for n in range(1, 20)]
    second = entry(
        20, "72", ret_type=-1, ret_msg="no", faults=["swallow"], delivered=False, message="x" * 999
    )
    one, other = tails([*first, second]).split("\n\n")

    assert one.splitlines()[0] == "connection 71 (strategy)"
    assert len(one.splitlines()) == TAIL + 1
    assert one.splitlines()[-1].split() == [
        "19", "01:30:00.000Z", "reply", "Trd_PlaceOrder", "#7", '{"orderID":', '"1"}',
    ]  # fmt: skip
    assert "[swallow] not delivered retType -1: no" in other
    assert len(other.splitlines()[1]) < 300
