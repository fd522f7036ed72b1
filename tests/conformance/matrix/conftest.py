"""Gateways of the matrix, and the record of what each client has passed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from tests.conformance.gateway_process import GatewayProcess
from tests.conformance.matrix.observed_day import SETTINGS, judge


@pytest.fixture
def start_day(start_gateway, rsa_key) -> Callable[..., GatewayProcess]:
    """Start the gateway of a client's day."""

    def start(*, encrypted: bool = False, **settings: object) -> GatewayProcess:
        key = {"rsa_private_key": rsa_key} if encrypted else {}
        return start_gateway(**SETTINGS, **key, **settings)

    return start


class ClientRecord:
    """What one client does in one mode, as `tools.client_matrix` finds it in a run's report."""

    def __init__(self, record: Callable[[str, object], None], client: str, mode: str) -> None:
        self._record = record
        record("client", client)
        record("mode", mode)

    def check(self, day: Mapping[str, Any]) -> None:
        """Judge a day, keep the verdicts, and fail if any of them is bad."""
        verdicts = judge(day)
        self._record("runtime", day["runtime"])
        self._record("verdicts", json.dumps(verdicts))
        self._record("notes", json.dumps(day["missing"]))

        failed = {name: text for name, text in verdicts.items() if text.startswith("failed")}
        assert not failed, failed


@pytest.fixture
def client_record(record_property) -> Callable[[str, str], ClientRecord]:
    """Begin the record of a client in a mode; a test that is skipped then says why."""
    return partial(ClientRecord, record_property)
