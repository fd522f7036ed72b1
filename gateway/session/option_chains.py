"""Which quota a security uses: options share theirs chain by chain, apart from everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from simulator.domain import OptionTerms, Security
from simulator.market.universe import Universe

OPTION_SHARE: Final = 5
"""The option quota of each tier is a fifth: 20, 60, 200, 400. Source: [D]."""


class OptionChain(NamedTuple):
    """All options of an underlying that expire on one day: they use one unit together.

    Source: [D].
    """

    owner: Security
    expiry: date


Counted = Security | OptionChain
"""What uses a unit."""
CountedAs = Callable[[Security], Counted]
"""Says what a security is counted as."""


def as_itself(security: Security) -> Counted:
    """For those who know of no options."""
    return security


def counted_in(universe: Universe) -> CountedAs:
    """How the securities of a universe are counted."""

    def counted_as(security: Security) -> Counted:
        terms = universe.get(security).terms
        if isinstance(terms, OptionTerms):
            return OptionChain(terms.owner, terms.expiry)
        return security

    return counted_as


def option_quota(quota: int) -> int:
    """The option quota that goes with a quota."""
    return quota // OPTION_SHARE
