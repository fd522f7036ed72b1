"""Makes the parts of one OpenD from its settings."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock_time
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple

from gateway.config import Settings, read_rsa_key
from gateway.config.accounts_file import read_accounts
from gateway.continuity import ClockState
from gateway.market_sources import make_source
from gateway.picture import write_picture
from gateway.session.delays import Delays, next_reset_ns
from gateway.session.limits import RateLimiter
from gateway.session.login import Hurdle, Login, LoginScript, password_digest
from gateway.session.notices import ProgramStatus
from gateway.session.opend import OpenD
from gateway.session.pacing import Pacing
from gateway.session.quotas import HistoryQuota
from gateway.session.quote_access import QuoteAccess
from gateway.session.quote_rights import QuoteRights
from gateway.session.roster import Roster
from gateway.store.base import Store
from gateway.wire.ciphers import Cipher, PlainCipher, RsaCipher, parse_rsa_key
from gateway.wire.ft_frame import BodyFormat
from simulator.brokerage.day_trading import DayTradeGuards
from simulator.domain import NS_PER_DAY, NS_PER_S, AccountSpec
from simulator.engine import Engine
from simulator.market.data import MarketData
from simulator.market.long_tail import full_universe
from simulator.market.source import MarketSource
from simulator.market.universe import Universe, default_universe
from simulator.timeline import OpenTimeline, Timeline, WallTimeline
from simulator.watchlists import WatchList, groups_of, watch_list_of

FIRST_MANUAL_DAY: Final = date(2026, 1, 15)


def origin_ns(settings: Settings) -> int:
    """The gateway time at which this run starts: the wall's, or what the settings say.

    With a date as `sim_start`, clock mode `open` begins at noon UTC of that date, which is the same
    date wherever we trade; its markets start on that date or on the last trading date before it.
    Clock mode `manual` begins at 9:30 in Hong Kong, on 2026-01-15 unless told otherwise, so that
    every run is the same.
    """
    start = settings.sim_start
    if isinstance(settings.sim_clock, datetime):
        start = settings.sim_clock
    elif settings.sim_clock == "manual":
        start = start or FIRST_MANUAL_DAY
        if not isinstance(start, datetime):
            start = datetime.combine(start, clock_time(1, 30), UTC)
    elif settings.sim_clock == "wall" or start is None:
        return time.time_ns()
    elif not isinstance(start, datetime):
        start = datetime.combine(start, clock_time(12), UTC)
    return int(start.timestamp() * NS_PER_S)


def make_timeline(settings: Settings, start_ns: int) -> Timeline:
    """How the markets' clocks follow the gateway's, by `sim_clock`."""
    return OpenTimeline(start_ns) if settings.sim_clock == "open" else WallTimeline()


def make_init_cipher(settings: Settings) -> Cipher:
    """The cipher of InitConnect.

    Raises:
        ConfigError: The key file cannot be read or holds no usable key.
    """
    pem = read_rsa_key(settings)
    if pem is None:
        return PlainCipher()
    try:
        return RsaCipher(parse_rsa_key(pem))
    except ValueError as error:
        raise settings.refusal("rsa_private_key", str(error)) from error


def make_universe(settings: Settings) -> Universe:
    """What is listed, by `sim_universe_size`."""
    return default_universe() if settings.sim_universe_size == "named" else full_universe()


class Listing(NamedTuple):
    """What every world has in common: nobody changes it."""

    source: MarketSource
    universe: Universe


def make_listing(settings: Settings) -> Listing:
    """What `sim_source` and `sim_universe_size` describe.

    Raises:
        ConfigError: There is no such source, or its files cannot be used.
    """
    try:
        source, universe = make_source(
            settings.sim_source, settings.sim_seed, make_universe(settings)
        )
    except ValueError as error:
        raise settings.refusal("sim_source", str(error)) from error
    return Listing(source, universe)


def make_seeded_source(settings: Settings, seed: int) -> MarketSource:
    """The market's source with another seed; of the same kind, and of the same files."""
    return make_source(settings.sim_source, seed, make_universe(settings))[0]


def build_opend(
    settings: Settings,
    clock: ClockState,
    store: Store,
    listing: Listing | None = None,
    accounts: tuple[AccountSpec, ...] | None = None,
) -> OpenD:
    """The state of one OpenD as it starts.

    Args:
        settings: The configuration.
        clock: When it starts.
        store: Keeps what must outlive it.
        listing: What is listed and where its prices come from; made if None.
        accounts: Whose books it keeps; read if None.
    """
    timeline = make_timeline(settings, clock.origin_ns)
    source, universe = listing or make_listing(settings)
    market = MarketData(universe, timeline, source)
    rights = QuoteRights.named((settings.sim_quote_rights or {}).items())
    return OpenD(
        market=market,
        engine=Engine(
            market,
            read_accounts(settings) if accounts is None else accounts,
            seed=settings.sim_seed,
            guards=DayTradeGuards(settings.pdt_protection, settings.dtcall_confirmation),
        ),
        roster=Roster(settings.sim_seed, clock.run),
        language=settings.lang,
        default_push_format=BodyFormat(settings.push_proto_type),
        limiter=make_limiter(settings),
        login=make_login(settings),
        quote_access=QuoteAccess(rights, settings.auto_hold_quote_right),
        delays=Delays(next_reset_ns=next_reset_ns(clock.now_ns)),
        store=store,
        make_source=partial(make_seeded_source, settings),
        price_reminder_push=settings.price_reminder_push,
        futures_zone=futures_zone(settings.future_trade_api_time_zone),
        pacing=Pacing(push_interval_ns(settings)),
        has_paper_accounts=settings.simulate_trade == "enable",
        trades_in_the_open=may_trade(settings),
        history_quota=HistoryQuota(int(settings.sim_history_quota_days) * NS_PER_DAY),
        watch_list=make_watch_list(settings),
    )


def make_watch_list(settings: Settings) -> WatchList:
    """What a user has who has not changed anything yet, by `sim_watch_list`."""
    if settings.sim_watch_list is None:
        return WatchList()
    return WatchList(watch_list_of(groups_of(settings.sim_watch_list)))


def push_interval_ns(settings: Settings) -> int | None:
    """The least interval of a stream's pushes, by `qot_push_frequency`."""
    milliseconds = settings.qot_push_frequency
    return None if milliseconds is None else milliseconds * NS_PER_S // 1000


def may_trade(settings: Settings) -> bool:
    """Whether trade interfaces answer: not on an address that others reach, unless with a key.

    Source: [D]; the exception is our own.
    """
    is_local = ip_address(settings.ip).is_loopback
    return is_local or settings.rsa_private_key is not None or settings.sim_trade_without_rsa


def choose_quota(settings: Settings, opend: OpenD, now_ns: int) -> None:
    """Give the subscription quota and the history quota the size that `sim_quota_tier` says."""
    if settings.sim_quota_tier == "assets":
        opend.review_quotas(now_ns)
    else:
        opend.resize_quotas(int(settings.sim_quota_tier), int(settings.sim_quota_tier))


def futures_zone(name: str) -> timezone:
    """The zone of `UTC`, `UTC+8` or `UTC-11`."""
    return timezone(timedelta(hours=int(name.removeprefix("UTC") or 0)))


def data_folder(settings: Settings) -> Path:
    """Where files of this run go: not where the real OpenD keeps its own ([P] Verification.proto)."""
    return settings.sim_data_dir or Path.home() / ".opend-emulator"


def make_login(settings: Settings) -> Login:
    """The login as it stands before it begins. Source: [D] the MD5 counts before the password."""
    given = settings.login_pwd_md5.get_secret_value() if settings.login_pwd_md5 else None
    if given is None and settings.login_pwd is not None:
        given = password_digest(settings.login_pwd.get_secret_value())
    expected = settings.sim_login_password
    script = LoginScript(
        hurdles=tuple(map(Hurdle, settings.sim_login)),
        expected_md5=password_digest(expected.get_secret_value()) if expected else None,
        picture_code=settings.sim_picture_code,
        phone_code=settings.sim_phone_code,
        show_picture=partial(write_picture, data_folder(settings)),
    )
    login = Login(status=ProgramStatus.LOADED, script=script, password_md5=given)
    if settings.sim_trade_password_md5 is not None:
        login.trade_password_md5 = settings.sim_trade_password_md5.get_secret_value()
    return login


def make_limiter(settings: Settings) -> RateLimiter | None:
    """What counts requests, by `sim_limits`.

    `on` leaves out the least distance of two orders. A client of the real OpenD keeps it by waiting
    for the reply, which comes from far away; ours is there within a few milliseconds, so programs
    that place one order after another would be refused here only.
    """
    if settings.sim_limits == "off":
        return None
    return RateLimiter(keeps_spacing=settings.sim_limits == "strict")
