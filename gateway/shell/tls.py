"""The certificate of the WebSocket service."""

from __future__ import annotations

import ssl
from pathlib import Path

from gateway.config import Settings


def make_tls_context(settings: Settings) -> ssl.SSLContext | None:
    """Load certificate and key; None if they are not configured.

    Raises:
        ConfigError: A file cannot be read, they do not belong together, or the key has a password.

    Source: [D] both or none, and a key without a password; stopping the start is ours [I].
    """
    certificate, key = settings.websocket_cert, settings.websocket_private_key
    if certificate is None or key is None:
        return None
    _check_readable(settings, "websocket_cert", certificate)
    _check_readable(settings, "websocket_private_key", key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        reason = (
            "certificate and private key cannot be used: PEM files that belong together are needed,"
            " the key without a password"
        )
        raise settings.refusal("websocket_cert", reason) from error
    return context


def _check_readable(settings: Settings, name: str, path: Path) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise settings.refusal(name, f"the file cannot be read: {error.strerror}") from error


def _no_password() -> str:
    """Answer OpenSSL, which would ask on the terminal otherwise."""
    return ""
