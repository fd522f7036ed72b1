"""Two runs of one client script against one seed and a standing clock are the same to the last digit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.client_programs import observe
from tests.conformance.gateway_process import running

pytestmark = pytest.mark.conformance


def one_run(folder: Path, seed: int) -> dict:
    """Everything that the client has seen."""
    folder.mkdir()
    ports = folder / "ports.json"
    settings = {"sim_clock": "manual", "sim_seed": seed, "sim_admin_port": 0}
    with running(folder, sim_port_file=ports, **settings) as gateway:
        admin = json.loads(ports.read_text(encoding="utf-8"))["admin"]["port"]
        return observe("current", "controlled", gateway, admin)


def test_two_runs_are_the_same(tmp_path):
    """Prices, orders, fills, ids, times and losses agree, push by push; another seed is another market."""
    first, second = one_run(tmp_path / "a", 7), one_run(tmp_path / "b", 7)

    assert first.keys() == second.keys()
    for part, seen in first.items():
        assert seen == second[part], part
    assert first["with_losses"]
    assert one_run(tmp_path / "c", 8)["before"] != first["before"]
