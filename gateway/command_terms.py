"""What commands name, and how what the gateway refuses reads in a command's answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.errors import ApiError, refusal
from simulator.domain import Market, Security
from simulator.errors import SimulatorError
from telnet_ops.registry import UsageError
from telnet_ops.texts import EXPECTED_SECURITY, INVALID_VALUE, Text

_PREFIXES: Final = {market.prefix: market for market in Market if market is not Market.UNKNOWN}


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the simulator refuses into an answer in both languages."""
    try:
        yield
    except SimulatorError as error:
        raise _usage_error(refusal(error)) from error
    except ApiError as error:
        raise _usage_error(error) from error


def _usage_error(error: ApiError) -> UsageError:
    reason = Text(error.render("chs"), error.render("en"))
    return UsageError(Text("{reason}", "{reason}"), reason=reason)


def security_named(symbol: str) -> Security:
    """The security of `HK.00700`, whether or not it is listed.

    Raises:
        UsageError: That is no such name.
    """
    prefix, _, code = symbol.partition(".")
    market = _PREFIXES.get(prefix)
    if market is None or not code:
        raise UsageError(INVALID_VALUE, name="security", value=symbol, expected=EXPECTED_SECURITY)
    return Security(market, code)
