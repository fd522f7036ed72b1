"""Structured logs: one line per fact, secrets removed."""

from __future__ import annotations

import logging
import sys
from typing import Final, NoReturn, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from gateway.log_file import LogFile

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
    "no": logging.CRITICAL,
}
"""`log_level` of the configuration. Source: [D]."""

_SECRET_KEYS: Final = frozenset({"password", "password_md5", "login_pwd", "key", "aes_key"})


def configure_logging(level: str, output: TextIO | LogFile | None = None) -> None:
    """Write events of `level` and above.

    Args:
        level: One of no, debug, info, warning, error, fatal.
        output: Where to; None: standard error.
    """
    factory = structlog.PrintLoggerFactory(cast("TextIO", output or sys.stderr))
    structlog.configure(logger_factory=factory, cache_logger_on_first_use=False)
    set_level(level)


def set_level(level: str) -> None:
    """Write events of `level` and above from now on, wherever they are written to.

    Args:
        level: One of no, debug, info, warning, error, fatal.
    """
    structlog.configure(
        processors=[
            *([_drop] if level == "no" else []),
            structlog.contextvars.merge_contextvars,
            _hide_secrets,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event")),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
    )


def _drop(_logger: WrappedLogger, _method: str, _event: EventDict) -> NoReturn:
    raise structlog.DropEvent


def _hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key in _SECRET_KEYS & event.keys():
        event[key] = "***"
    return event
