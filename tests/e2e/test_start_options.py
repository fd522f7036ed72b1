"""Options that show in the lines of a start."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from gateway.banner import READY_PREFIX
from tests.conformance.gateway_process import SOURCE_ROOT, running

pytestmark = pytest.mark.slow


def test_the_account_is_named(tmp_path):
    """The console says who logs in."""
    with running(tmp_path, login_account="10086", lang="en") as gateway:
        assert ">>>Login Account: 10086" in gateway.lines


def test_telnet_and_admin_listen_where_they_are_told(tmp_path):
    """Each service has an address of its own."""
    places = {"telnet_ip": "127.0.0.2", "telnet_port": 0}
    admin = {"sim_admin_ip": "127.0.0.3", "sim_admin_port": 0}
    with running(tmp_path, **places, **admin) as gateway:
        ready = next(line for line in gateway.lines if line.startswith(READY_PREFIX))

    assert re.search(r"\bapi=127\.0\.0\.1:\d+", ready)
    assert re.search(r"\btelnet=127\.0\.0\.2:\d+", ready)
    assert re.search(r"\badmin=127\.0\.0\.3:\d+", ready)


@pytest.mark.parametrize(("option", "says"), [("1", True), ("0", False)])
def test_the_console_can_be_silent(tmp_path, option, says):
    """Without it a start prints no OpenD line."""
    (tmp_path / "FutuOpenD.xml").write_text("<futu_opend></futu_opend>")
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "gateway", f"-cfg_file={tmp_path / 'FutuOpenD.xml'}"),
            *("-api_port=0", "-sim_login=wrong_password", f"-console={option}"),
        ],
        cwd=SOURCE_ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )

    assert ended.returncode == 14
    assert (b">>>" in ended.stdout) is says
