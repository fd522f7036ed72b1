"""The kinds of value that a setting may hold, and how each is read from text.

Readers are strict where a general-purpose parser is lenient: `1_000`, `1.0` or `yes` would not be
understood by the real OpenD either, so they stop the start instead of being guessed at.
Each reader takes text from a file or command line, and passes any other object on to pydantic.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address
from math import isfinite
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

MAX_SPEED: Final = 10_000
MAX_JOURNAL_SIZE: Final = 1_000_000
MAX_SEED: Final = 2**63 - 1
FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2090
"""Years a start may lie in: the calendars reach some years further at either end."""
_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_MD5_HEX: Final = re.compile(r"[0-9a-fA-F]{32}")
_SYMBOL: Final = re.compile(r"(?:HK|US|SH|SZ|SG|JP|MY)\.[0-9A-Za-z.]{1,24}")
_ZONE: Final = re.compile(r"UTC(?:[+-](?:[0-9]|1[0-2]))?")

ClockMode = Literal["open", "wall", "manual"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The end of the sentence "allowed: …", which every refusal of a value carries."""

    text: str


def _whole_number(value: object) -> object:
    if not isinstance(value, str):
        return value
    if _WHOLE_NUMBER.fullmatch(value) is None:
        raise ValueError
    return int(value)


def _switch(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in ("0", "1"):
        raise ValueError
    return value == "1"


def _proto_type(value: object) -> object:
    return int(value) if value in ("0", "1") else value


def _speed(value: object) -> object:
    speed = float(value) if isinstance(value, str) and "_" not in value else value
    if isinstance(speed, float) and not isfinite(speed):
        raise ValueError
    return speed


def _clock(value: object) -> object:
    if not isinstance(value, str) or value in get_args(ClockMode):
        return value
    return _instant(value)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.utcoffset() is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError
    return instant


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    if "T" in value:
        return _instant(value)
    day = date.fromisoformat(value)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError
    return day


def _address(value: str) -> str:
    return str(ip_address(value))


def _md5(value: SecretStr) -> SecretStr:
    if _MD5_HEX.fullmatch(value.get_secret_value()) is None:
        raise ValueError
    return SecretStr(value.get_secret_value().lower())


def _zone(value: str) -> str:
    if _ZONE.fullmatch(value) is None or value == "UTC-12":
        raise ValueError
    return value


def read_by(reader: Callable[[object], object]) -> BeforeValidator:
    """Run `reader` on the raw value before pydantic checks its type."""
    return BeforeValidator(reader)


def _rights(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",")]
    return {product.strip(): right.strip() for product, _, right in pairs}


def _hurdles(value: object) -> object:
    if not isinstance(value, str):
        return value
    return () if value == "ok" else tuple(word.strip() for word in value.split(","))


def _groups(value: object) -> object:
    """`Tech=HK.00700,US.AAPL;Empty=` as pairs of a name and its codes."""
    if not isinstance(value, str):
        return value
    found = []
    for group in value.split(";"):
        name, sign, codes = group.partition("=")
        members = tuple(code.strip() for code in codes.split(",") if code.strip())
        if not name.strip() or not sign or not all(map(_SYMBOL.fullmatch, members)):
            raise ValueError
        found.append((name.strip(), members))
    return tuple(found)


Text = Annotated[str, Allowed("any text")]
Secret = Annotated[SecretStr, Allowed("any text")]
Md5Hex = Annotated[SecretStr, AfterValidator(_md5), Allowed("32 hexadecimal digits")]
FilePath = Annotated[Path, Allowed("a path")]
Address = Annotated[
    str, AfterValidator(_address), Allowed("an IP address such as 127.0.0.1 or 0.0.0.0")
]
Port = Annotated[
    int,
    read_by(_whole_number),
    Field(ge=0, le=65535),
    Allowed("a whole number from 0 to 65535 (0: any free port)"),
]
Milliseconds = Annotated[
    int,
    read_by(_whole_number),
    Field(ge=1, le=3_600_000),
    Allowed("a whole number of milliseconds from 1 to 3600000"),
]
Switch = Annotated[bool, read_by(_switch), Allowed("0, 1")]
Language = Annotated[Literal["chs", "en"], Allowed("chs, en")]
LogLevel = Annotated[
    Literal["no", "debug", "info", "warning", "error", "fatal"],
    Allowed("no, debug, info, warning, error, fatal"),
]
PushFormat = Annotated[Literal[0, 1], read_by(_proto_type), Allowed("0 (protobuf), 1 (JSON)")]
ZoneName = Annotated[str, AfterValidator(_zone), Allowed("UTC-11 to UTC+12")]
StorePlace = Annotated[
    str,
    Field(pattern=r"^(memory|sqlite:.+|postgresql://.+)$"),
    Allowed("memory, sqlite:<path>, postgresql://<user>@<host>/<database>"),
]
Limits = Annotated[Literal["on", "strict", "off"], Allowed("on, strict, off")]
QuotaTier = Annotated[
    Literal["100", "300", "1000", "2000", "assets"], Allowed("100, 300, 1000, 2000, assets")
]
HistoryDays = Annotated[Literal["7", "30"], Allowed("7, 30")]
MarketSourceName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]*(:.+)?$"),
    Allowed("synthetic, replay:<folder>, replay_only:<folder>, or the name of a plug-in"),
]
WorldNames = Annotated[Literal["off", "client_id"], Allowed("off, client_id")]
UniverseSize = Annotated[Literal["full", "named"], Allowed("full, named")]
ProfileName = Annotated[Literal["strict", "extended"], Allowed("strict, extended")]
OnOff = Annotated[Literal["enable", "disable"], Allowed("enable, disable")]
Clock = Annotated[
    ClockMode | datetime,
    read_by(_clock),
    Allowed(
        "open, wall, manual, or an instant with its offset such as 2026-01-15T09:25:00+08:00, "
        f"in {FIRST_YEAR} to {LAST_YEAR}"
    ),
]
Seed = Annotated[
    int,
    read_by(_whole_number),
    Field(ge=0, le=MAX_SEED),
    Allowed(f"a whole number from 0 to {MAX_SEED}"),
]
JournalSize = Annotated[
    int,
    read_by(_whole_number),
    Field(ge=0, le=MAX_JOURNAL_SIZE),
    Allowed(f"a whole number from 0 to {MAX_JOURNAL_SIZE}"),
]
Speed = Annotated[
    float,
    read_by(_speed),
    Field(gt=0, le=MAX_SPEED),
    Allowed(f"a number above 0, at most {MAX_SPEED}"),
]
Product = Literal[
    "hk_stock", "hk_option", "hk_future", "us_stock", "us_option", "us_future", "us_index", "us_otc",
    "cn", "sg_future", "jp_future", "sg_stock", "my_stock", "jp_stock", "crypto", "event_contract",
]  # fmt: skip
RightName = Literal["NO", "BMP", "LV1", "LV2", "LV3", "SF"]
RightsByProduct = Annotated[
    Mapping[Product, RightName],
    read_by(_rights),
    Allowed(
        f"pairs such as hk_stock=LV1,us_stock=BMP; products: {', '.join(get_args(Product))}; "
        f"rights: {', '.join(get_args(RightName))}"
    ),
]
WatchGroups = Annotated[
    tuple[tuple[str, tuple[str, ...]], ...],
    read_by(_groups),
    Allowed("names with codes, such as Tech=HK.00700,US.AAPL;Banks=SH.600036;Empty="),
]
HurdleName = Literal["wrong_password", "picture_code", "phone_code", "device_lock", "disclaimer"]
LoginHurdles = Annotated[
    tuple[HurdleName, ...],
    read_by(_hurdles),
    Allowed(f"ok, or in the order in which they come: {', '.join(get_args(HurdleName))}"),
]
VerifyCode = Annotated[str, Field(pattern=r"^[0-9]{1,8}$"), Allowed("1 to 8 digits")]
Start = Annotated[
    datetime | date,
    read_by(_day),
    Allowed(
        "a date such as 2026-01-15, or an instant with its offset such as "
        f"2026-01-15T09:25:00+08:00, in {FIRST_YEAR} to {LAST_YEAR}"
    ),
]
