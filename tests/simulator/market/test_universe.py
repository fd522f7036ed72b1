"""The shipped list of securities, plates and index members."""

import pytest

from simulator.domain import Currency, Exchange, Market, PlateSet, Security, SecurityType, Venue
from simulator.errors import UnknownSecurity
from simulator.market.universe import default_universe, instrument_id

UNIVERSE = default_universe()


def get(symbol):
    market, _, code = symbol.partition(".")
    return UNIVERSE.get(Security(Market[market], code))


@pytest.mark.parametrize(
    ("symbol", "venue", "security_type", "exchange", "currency"),
    [
        ("HK.00700", Venue.HK_STOCK, SecurityType.EQUITY, Exchange.HK_MAIN, Currency.HKD),
        ("HK.00823", Venue.HK_STOCK, SecurityType.EQUITY, Exchange.HK_MAIN, Currency.HKD),
        ("HK.02800", Venue.HK_STOCK, SecurityType.TRUST, Exchange.HK_MAIN, Currency.HKD),
        ("HK.800000", Venue.HK_STOCK, SecurityType.INDEX, Exchange.HK_MAIN, Currency.HKD),
        ("HK.HSImain", Venue.HK_FUTURE, SecurityType.FUTURE, Exchange.HK_HKEX, Currency.HKD),
        ("HK.CUSmain", Venue.HK_FUTURE, SecurityType.FUTURE, Exchange.HK_HKEX, Currency.CNH),
        ("US.AAPL", Venue.US_STOCK, SecurityType.EQUITY, Exchange.US_NASDAQ, Currency.USD),
        ("US.JPM", Venue.US_STOCK, SecurityType.EQUITY, Exchange.US_NYSE, Currency.USD),
        ("US.SPY", Venue.US_STOCK, SecurityType.TRUST, Exchange.US_AMEX, Currency.USD),
        ("US.CLmain", Venue.US_FUTURE, SecurityType.FUTURE, Exchange.US_NYMEX, Currency.USD),
        ("US.ESmain", Venue.US_FUTURE, SecurityType.FUTURE, Exchange.US_CME, Currency.USD),
        ("SH.600519", Venue.CN_STOCK, SecurityType.EQUITY, Exchange.CN_SH, Currency.CNH),
        ("SH.688981", Venue.CN_STOCK, SecurityType.EQUITY, Exchange.CN_STIB, Currency.CNH),
        ("SZ.000001", Venue.CN_STOCK, SecurityType.EQUITY, Exchange.CN_SZ, Currency.CNH),
        ("SG.NKmain", Venue.SG_FUTURE, SecurityType.FUTURE, Exchange.SG_SGX, Currency.JPY),
        ("JP.TOPIXmain", Venue.JP_FUTURE, SecurityType.FUTURE, Exchange.JP_OSE, Currency.JPY),
        ("HK.LIST1079", Venue.HK_STOCK, SecurityType.PLATE, Exchange.HK_MAIN, Currency.HKD),
    ],
)
def test_instruments(symbol, venue, security_type, exchange, currency):
    """Each kind of row gets its venue, type, exchange and currency."""
    found = get(symbol)

    assert (venue, security_type, exchange, currency) == (
        found.venue,
        found.security_type,
        found.exchange,
        found.currency,
    )


@pytest.mark.parametrize(
    ("symbol", "name", "lot_size"),
    [
        ("HK.00700", "Tencent", 100),
        ("HK.00123", "Yuexiu Property", 1000),
        ("HK.01833", "Ping An Healthcare and Technology", 100),
        ("US.BRK.B", "Berkshire Hathaway-B", 1),
    ],
)
def test_names_and_lots(symbol, name, lot_size):
    """Codes of the well-known samples are there."""
    assert (name, lot_size) == (get(symbol).names.english, get(symbol).lot_size)


def test_unknown_codes_are_refused():
    """Every question about an unlisted code is refused with that code."""
    missing = Security(Market.HK, "99999")
    for ask in (UNIVERSE.get, UNIVERSE.members, UNIVERSE.owner_plates):
        with pytest.raises(UnknownSecurity) as refusal:
            ask(missing)
        assert missing == refusal.value.security


def test_ids_are_unique_and_small():
    """Numbers are distinct, positive and exact in a double."""
    numbers = [i.instrument_id for i in UNIVERSE.instruments()]

    assert len(numbers) == len(set(numbers))
    assert all(0 < number < 2**53 for number in numbers)


def test_ids_do_not_depend_on_the_list():
    """The number of a code is a fact of the code."""
    assert instrument_id(Security(Market.HK, "00700")) == get("HK.00700").instrument_id
    assert instrument_id(Security(Market.HK, "ZZZZZZZZZ")) < 2**53


@pytest.mark.parametrize("code", ["A" * 10, "A" * 9 + "main", "a-b"])
def test_codes_without_a_number(code):
    """Too long or strange codes are refused, not squeezed."""
    with pytest.raises(ValueError, match="no number"):
        instrument_id(Security(Market.US, code))


def test_filters():
    """Market and type narrow the list."""
    futures = UNIVERSE.instruments(Market.JP, SecurityType.FUTURE)

    assert len(futures) == 4
    assert len(UNIVERSE.instruments()) > len(UNIVERSE.instruments(Market.HK)) > 100


def test_tencent_belongs_to_its_plates():
    """Owner plates and members agree."""
    plates = {p.security.symbol for p in UNIVERSE.owner_plates(Security(Market.HK, "00700"))}

    assert plates == {"HK.LIST1100", "HK.LIST1107"}


def test_every_plate_has_members_and_every_owner_relation_holds():
    """No plate is empty; membership reads the same from both sides."""
    for market in (Market.HK, Market.US, Market.SH):
        for plate in UNIVERSE.plates(market):
            members = UNIVERSE.members(plate.security)

            assert members
            assert all(plate in UNIVERSE.owner_plates(m.security) for m in members)


def test_shanghai_and_shenzhen_share_plates():
    """Either market answers with the plates of both; their members are of both."""
    assert UNIVERSE.plates(Market.SH) == UNIVERSE.plates(Market.SZ)
    markets = {m.security.market for m in UNIVERSE.members(Security(Market.SH, "LIST9001"))}

    assert markets == {Market.SH, Market.SZ}


def test_plate_sets():
    """Industry and concept plates together are all plates."""
    industry = UNIVERSE.plates(Market.HK, PlateSet.INDUSTRY)
    concept = UNIVERSE.plates(Market.HK, PlateSet.CONCEPT)

    assert set(UNIVERSE.plates(Market.HK)) == {*industry, *concept}
    assert UNIVERSE.plates(Market.HK, PlateSet.REGION) == ()
    assert UNIVERSE.plate_set(Security(Market.HK, "LIST1107")) is PlateSet.CONCEPT


@pytest.mark.parametrize(
    ("index", "inside", "outside"),
    [
        ("HK.800000", "HK.00700", "HK.00020"),
        ("HK.800100", "HK.00939", "HK.00005"),
        ("HK.800700", "HK.00020", "HK.00005"),
        ("US..SPX", "US.JPM", "US.BABA"),
        ("US..NDX", "US.AAPL", "US.JPM"),
        ("US..DJI", "US.GS", "US.TSLA"),
        ("SH.000300", "SZ.300750", "SH.510300"),
        ("SH.000688", "SH.688256", "SH.600519"),
    ],
)
def test_index_members(index, inside, outside):
    """An index lists its constituents like a plate, but is nobody's owner plate."""
    members = UNIVERSE.members(get(index).security)

    assert get(inside) in members
    assert get(outside) not in members
    assert get(index) not in UNIVERSE.owner_plates(get(inside).security)


def test_a_stock_has_no_members():
    """Asking a stock for members gives none."""
    assert UNIVERSE.members(Security(Market.HK, "00700")) == ()
