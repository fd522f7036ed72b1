"""The start inside a container, and the check whether it is well."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from gateway.config import ConfigError, load_settings
from gateway.container import arguments
from gateway.health import check, find_api
from tests.conformance.gateway_process import SOURCE_ROOT, running, write_rsa_key


def test_a_container_is_open_to_its_network_and_runs_on_real_time() -> None:
    """Without any variable, the start gets what suits a container."""
    settings = load_settings(arguments({"PATH": "/bin"}, written=()))

    assert (settings.ip, settings.sim_clock, settings.lang) == ("0.0.0.0", "wall", "en")
    assert settings.sim_data_dir == Path("/var/lib/opend")


def test_variables_are_settings() -> None:
    """Each setting has its variable; the documented names of the address both work."""
    environment = {"OPEND_SIM_CLOCK": "open", "OPEND_API_PORT": "21111", "OPEND_IP": "127.0.0.1"}
    settings = load_settings(arguments(environment, written=()))

    assert (settings.sim_clock, settings.api_port, settings.ip) == ("open", 21111, "127.0.0.1")


def test_a_file_wins_over_what_suits_and_loses_against_variables() -> None:
    """Only the address is the container's: a desktop's file would shut everybody out."""
    found = arguments({"OPEND_SIM_SEED": "7"}, written={"sim_clock", "lang", "ip", "sim_seed"})

    assert "-sim_seed=7" in found
    assert "-api_ip=0.0.0.0" in found
    assert not any(option.startswith(("-sim_clock=", "-lang=")) for option in found)


def test_foreign_and_empty_variables_are_left_out() -> None:
    """Kubernetes sets such variables for a service that is called `opend`."""
    foreign = {"OPEND_SERVICE_HOST": "10.0.0.1", "OPEND_PORT": "tcp://10.0.0.1:1", "OPEND_LANG": ""}

    assert arguments(foreign, written=()) == arguments({}, written=())


def test_a_value_may_be_read_from_a_file(tmp_path: Path) -> None:
    """Secrets come as files; one that is missing stops the start and is named."""
    secret = tmp_path / "secret"
    secret.write_text("open sesame\n")

    assert "-login_pwd=open sesame" in arguments({"OPEND_LOGIN_PWD_FILE": str(secret)}, written=())
    with pytest.raises(ConfigError, match=r"OPEND_LOGIN_PWD_FILE: .*missing: cannot be read"):
        arguments({"OPEND_LOGIN_PWD_FILE": str(tmp_path / "missing")}, written=())


def test_the_port_file_is_read(tmp_path: Path) -> None:
    """An address that means "all" is asked on this machine; what is no port file is said."""
    file = tmp_path / "ports.json"
    file.write_text(json.dumps({"pid": 1, "api": {"host": "0.0.0.0", "port": 5}}))
    assert find_api(file) == ("127.0.0.1", 5)
    file.write_text("{}")
    with pytest.raises(ValueError, match="names no API"):
        find_api(file)


def hang_up(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.close()


def test_silence_is_not_health() -> None:
    """Who accepts and hangs up is not well."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=hang_up, args=(server,))
        thread.start()
        with pytest.raises(OSError, match=r"closed|reset"):
            check(server.getsockname())
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_running_gateway_is_healthy(tmp_path: Path, *, is_encrypted: bool) -> None:
    """The check needs no key; a gateway that has gone is not healthy."""
    ports = tmp_path / "ports.json"
    key = {"rsa_private_key": write_rsa_key(tmp_path / "key.pem")} if is_encrypted else {}
    command = [sys.executable, "-m", "gateway.health", str(ports)]
    with running(tmp_path, sim_port_file=ports, **key):
        assert subprocess.run(command, cwd=SOURCE_ROOT, check=False).returncode == 0
    done = subprocess.run(command, cwd=SOURCE_ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("unhealthy: ")


def test_the_example_of_a_service_container_configures_a_gateway_for_tests() -> None:
    """Every variable of the workflow is a setting that is accepted."""
    jobs = yaml.safe_load((SOURCE_ROOT / "examples" / "github_actions.yml").read_text())["jobs"]
    environments = [job["services"]["opend"]["env"] for job in jobs.values()]
    found = [load_settings(arguments(env, written=())) for env in environments]

    assert [settings.sim_worlds for settings in found] == ["client_id", "off"]
    assert {(s.sim_clock, str(s.sim_admin_ip), s.sim_admin_port) for s in found} == {
        ("manual", "0.0.0.0", 8111)
    }
