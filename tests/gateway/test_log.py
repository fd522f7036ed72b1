"""What the log shows at each level of the configuration."""

import pytest
import structlog

from gateway.config.settings import OPTIONS
from gateway.log import configure_logging

LEVELS = ("no", "debug", "info", "warning", "error", "fatal")
METHODS = ("debug", "info", "warning", "error", "critical")


@pytest.fixture(autouse=True)
def untouched_configuration():
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def logged(level, capsys):
    configure_logging(level)
    for method in METHODS:
        getattr(structlog.get_logger(), method)("something_happened", password="hunter2")
    return capsys.readouterr().err.splitlines()


def test_levels_are_those_of_the_configuration():
    """Every level that the configuration accepts is tried here."""
    assert ", ".join(LEVELS) == OPTIONS["log_level"].allowed


@pytest.mark.parametrize(
    ("level", "lines"),
    [("no", 0), ("debug", 5), ("info", 4), ("warning", 3), ("error", 2), ("fatal", 1)],
)
def test_level_keeps_what_is_less_grave_out(level, lines, capsys):
    """`no` logs nothing at all; each other level logs itself and what is graver."""
    assert lines == len(logged(level, capsys))


def test_secrets_are_hidden(capsys):
    """A password that slipped into an event is not written."""
    text = "\n".join(logged("debug", capsys))

    assert "hunter2" not in text
    assert "password=***" in text
