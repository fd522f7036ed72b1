"""The user's watch list: everything watched, and the groups that the user has made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from simulator.domain import Instrument, Market, Security, SecurityType
from simulator.errors import SystemGroup, UnknownGroup, WatchListFull


class GroupKind(IntEnum):
    """Who made a group. Source: [P] Qot_GetUserSecurityGroup.GroupType."""

    CUSTOM = 1
    SYSTEM = 2


@dataclass(frozen=True, slots=True)
class GroupTitle:
    """A group's name in both languages; a custom group has one name only."""

    chinese: str
    english: str
    kind: GroupKind


_Membership = Callable[[Instrument], bool]
_CN: Final = (Market.SH, Market.SZ)


def _of_stocks(*markets: Market) -> _Membership:
    """Whether a security is none of the derivatives that have groups of their own. Source: [I]."""
    derivatives = (SecurityType.OPTION, SecurityType.FUTURE)
    return lambda i: i.security.market in markets and i.security_type not in derivatives


def _of_options(*markets: Market) -> _Membership:
    return lambda i: i.security.market in markets and i.security_type is SecurityType.OPTION


_SYSTEM: Final[dict[GroupTitle, _Membership | None]] = {
    GroupTitle(chinese, english, GroupKind.SYSTEM): membership
    for chinese, english, membership in (
        ("全部", "All", lambda _instrument: True),
        ("沪深", "CN", _of_stocks(*_CN)),
        ("港股", "HK", _of_stocks(Market.HK)),
        ("美股", "US", _of_stocks(Market.US)),
        ("期权", "Options", _of_options(Market.HK, Market.US)),
        ("港股期权", "HK options", _of_options(Market.HK)),
        ("美股期权", "US options", _of_options(Market.US)),
        ("特别关注", "Starred", None),
        ("期货", "Futures", lambda i: i.security_type is SecurityType.FUTURE),
    )
}
"""What belongs to each system group; None: what the user starred. Source: [D] names, [I] rules."""


@dataclass(frozen=True, slots=True)
class CustomGroup:
    """A group that the user made."""

    name: str
    members: tuple[Security, ...]


@dataclass(frozen=True, slots=True)
class WatchListRecord:
    """The whole watch list, as it is kept between two runs."""

    securities: tuple[Security, ...]
    """Everything watched, in the order in which it was added."""
    starred: tuple[Security, ...]
    groups: tuple[CustomGroup, ...]

    @property
    def key(self) -> str:
        """There is one such record."""
        return "watch_list"


def _securities(*symbols: str) -> tuple[Security, ...]:
    parts = (symbol.partition(".") for symbol in symbols)
    return tuple(Security(Market[market], code) for market, _, code in parts)


def groups_of(named: Iterable[tuple[str, Sequence[str]]]) -> tuple[CustomGroup, ...]:
    """Groups from names and symbols such as `HK.00700`."""
    return tuple(CustomGroup(name, _securities(*symbols)) for name, symbols in named)


def watch_list_of(groups: Iterable[CustomGroup]) -> WatchListRecord:
    """A new user's watch list: what is in the groups, the first of each starred."""
    given = tuple(groups)
    watched = dict.fromkeys(security for group in given for security in group.members)
    starred = dict.fromkeys(group.members[0] for group in given if group.members)
    return WatchListRecord(tuple(watched), tuple(starred), given)


DEFAULT_WATCH_LIST: Final = watch_list_of(
    groups_of(
        (
            ("Tech", ("HK.00700", "HK.09988", "US.AAPL", "US.NVDA")),
            ("Banks", ("HK.00005", "US.JPM", "SH.600036")),
            ("Empty", ()),
        )
    )
)
"""Known names for programs to start from."""


class WatchList:
    """Owns the user's watch list.

    Args:
        record: What it begins with.
    """

    def __init__(self, record: WatchListRecord = DEFAULT_WATCH_LIST) -> None:
        self._record = record
        self._is_changed = False

    # --- reading ------------------------------------------------------------------------------

    def titles(self) -> tuple[GroupTitle, ...]:
        """All groups: the system's first, then the user's in their order."""
        return (
            *_SYSTEM,
            *(GroupTitle(g.name, g.name, GroupKind.CUSTOM) for g in self._record.groups),
        )

    def members(
        self, name: str, look_up: Callable[[Security], Instrument | None]
    ) -> list[Instrument]:
        """What is in a group, in the order in which it was added.

        Args:
            name: Of the group, a system group's in either language; the first of equal names counts.
            look_up: Gives a security's facts; what has none is left out.

        Raises:
            UnknownGroup: There is none.
        """
        title = _system_title(name)
        membership = None if title is None else _SYSTEM[title]
        if title is None:
            named = self._custom(name).members
        else:
            named = self._record.starred if membership is None else self._record.securities
        found = [i for i in map(look_up, named) if i is not None]
        return [i for i in found if membership is None or membership(i)]

    def check_own(self, name: str) -> None:
        """Refuse what is not one of the user's own groups.

        Raises:
            UnknownGroup, SystemGroup: As named.
        """
        self._own(name)

    # --- changing -----------------------------------------------------------------------------

    def add(self, name: str, securities: Sequence[Security], limit: int) -> None:
        """Watch securities and put them into a custom group; those already there keep their place.

        Raises:
            UnknownGroup, SystemGroup: Not one of the user's own groups.
            WatchListFull: All groups together would have more than `limit` securities.
        """
        group = self._own(name)
        watched = tuple(dict.fromkeys((*self._record.securities, *securities)))
        if len(watched) > limit:
            raise WatchListFull(limit)
        members = tuple(dict.fromkeys((*group.members, *securities)))
        self._replace(WatchListRecord(watched, self._record.starred, self._with(group, members)))

    def remove(self, name: str, securities: Sequence[Security]) -> None:
        """Watch securities no more: they leave every group. Source: [D] DEL against MOVE_OUT.

        Raises:
            UnknownGroup, SystemGroup: Not one of the user's own groups.
        """
        self._own(name)
        gone = frozenset(securities)
        record = self._record
        self._replace(
            WatchListRecord(
                _without(record.securities, gone),
                _without(record.starred, gone),
                tuple(CustomGroup(g.name, _without(g.members, gone)) for g in record.groups),
            )
        )

    def move_out(self, name: str, securities: Sequence[Security]) -> None:
        """Take securities out of one group; they are still watched.

        Raises:
            UnknownGroup, SystemGroup: Not one of the user's own groups.
        """
        group = self._own(name)
        rest = self._with(group, _without(group.members, frozenset(securities)))
        self._replace(WatchListRecord(self._record.securities, self._record.starred, rest))

    # --- the journal --------------------------------------------------------------------------

    def take_changes(self) -> list[WatchListRecord]:
        """The whole list if it changed since the last call."""
        changed, self._is_changed = self._is_changed, False
        return [self._record] if changed else []

    def all_records(self) -> list[WatchListRecord]:
        """The whole list."""
        return [self._record]

    def restore(self, record: WatchListRecord) -> None:
        """Go on from what an earlier run kept."""
        self._record = record

    # --- inside -------------------------------------------------------------------------------

    def _custom(self, name: str) -> CustomGroup:
        for group in self._record.groups:
            if group.name == name:
                return group
        raise UnknownGroup(name)

    def _own(self, name: str) -> CustomGroup:
        if _system_title(name) is not None:
            raise SystemGroup(name)
        return self._custom(name)

    def _with(self, group: CustomGroup, members: tuple[Security, ...]) -> tuple[CustomGroup, ...]:
        at = self._record.groups.index(group)
        changed = CustomGroup(group.name, members)
        return (*self._record.groups[:at], changed, *self._record.groups[at + 1 :])

    def _replace(self, record: WatchListRecord) -> None:
        self._is_changed = self._is_changed or record != self._record
        self._record = record


def _system_title(name: str) -> GroupTitle | None:
    return next((title for title in _SYSTEM if name in (title.chinese, title.english)), None)


def _without(securities: Iterable[Security], gone: frozenset[Security]) -> tuple[Security, ...]:
    return tuple(security for security in securities if security not in gone)
