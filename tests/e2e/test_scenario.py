"""A scenario named in the configuration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from opend_pytest.opend import OpenD
from tests.conformance.gateway_process import SOURCE_ROOT

pytestmark = pytest.mark.slow


def test_the_file_of_the_configuration_begins_at_the_start(tmp_path: Path) -> None:
    """Its times count from there."""
    file = tmp_path / "quota.yaml"
    file.write_text("steps:\n- after: 10s\n  sim_quota: {subscriptions: 3}\n", encoding="utf-8")
    settings = {"lang": "en", "sim_clock": "manual", "sim_scenario": file}
    with OpenD(tmp_path, sys.executable, settings, None) as opend:
        opend.control.advance("9s")
        assert "Subscription quota: 1000," in opend.control.command("sim_quota")
        opend.control.advance("1s")

        assert "Subscription quota: 3," in opend.control.command("sim_quota")


def test_a_wrong_file_ends_the_start_with_its_line(tmp_path: Path) -> None:
    """One line says what and where."""
    file = tmp_path / "wrong.yaml"
    file.write_text("steps:\n- at: 9.30\n  sim_resume:\n", encoding="utf-8")
    command = [sys.executable, "-m", "gateway", "-api_port=0", f"-sim_scenario={file}"]
    done = subprocess.run(
        command, cwd=SOURCE_ROOT, capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 2
    assert "wrong.yaml:2: at: 9.30: expected a time such as 09:31" in done.stderr
