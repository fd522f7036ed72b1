"""The certificate of the WebSocket service: loaded, or a start that stops with one line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config import ConfigError, Settings, load_settings
from gateway.shell.tls import make_tls_context
from tests.support.certificates import (
    CERTIFICATE,
    LOCKED_PRIVATE_KEY,
    OTHER_PRIVATE_KEY,
    PRIVATE_KEY,
)


def settings_with(directory: Path, certificate: str | None, key: str | None) -> Settings:
    """Settings that name both files; None: the file is not there."""
    paths = {"websocket_cert": certificate, "websocket_private_key": key}
    for name, text in paths.items():
        if text is not None:
            (directory / name).write_text(text)
    return load_settings([f"-{name}={directory / name}" for name in paths])


def test_without_a_certificate_there_is_no_tls():
    """`ws://` it is."""
    assert make_tls_context(Settings()) is None


def test_certificate_and_key_make_a_context(tmp_path):
    """The context holds the certificate."""
    context = make_tls_context(settings_with(tmp_path, CERTIFICATE, PRIVATE_KEY))

    assert context is not None


@pytest.mark.parametrize(
    ("certificate", "key", "blamed"),
    [
        (None, PRIVATE_KEY, "websocket_cert"),
        (CERTIFICATE, None, "websocket_private_key"),
        ("no PEM", PRIVATE_KEY, "websocket_cert"),
        (CERTIFICATE, "no PEM", "websocket_cert"),
        (CERTIFICATE, OTHER_PRIVATE_KEY, "websocket_cert"),
        (CERTIFICATE, LOCKED_PRIVATE_KEY, "websocket_cert"),
    ],
    ids=["no certificate", "no key", "certificate unusable", "key unusable", "strangers", "locked"],
)
def test_files_that_cannot_be_used_stop_the_start(tmp_path, certificate, key, blamed):
    """One line names the option, the path and the reason; nobody is asked for a password."""
    settings = settings_with(tmp_path, certificate, key)

    expected = rf"command line: option -{blamed}: \"{re.escape(str(tmp_path / blamed))}\": .*"
    with pytest.raises(ConfigError, match=f"^{expected}$"):
        make_tls_context(settings)
