"""The invented companies beside the named ones: found alone, listed together, grouped in plates."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from simulator.domain import Market, PlateSet, Security, SecurityType
from simulator.errors import UnknownSecurity
from simulator.market.long_tail import LongTail, full_universe
from simulator.market.universe import default_universe
from simulator.ticks import is_on_tick

NAMED = default_universe()
MARKETS = (Market.HK, Market.US, Market.SH, Market.SZ)


@pytest.fixture(scope="module")
def universe():
    return full_universe()


def generated(universe, market):
    return [i for i in universe.instruments(market) if i.is_generated]


def test_markets_have_their_real_sizes(universe):
    """About 2,500 stocks in Hong Kong, 5,000 in America, 5,000 on the mainland."""
    sizes = {m: len(universe.instruments(m, SecurityType.EQUITY)) for m in MARKETS}

    assert 2_300 < sizes[Market.HK] < 2_800
    assert 4_500 < sizes[Market.US] < 5_500
    assert 4_200 < sizes[Market.SH] + sizes[Market.SZ] < 5_500


def test_a_company_found_alone_is_the_one_that_is_listed():
    """Looking one up before anything is listed gives the same facts as listing all."""
    whole, alone = full_universe(), full_universe()

    for market in MARKETS:
        for listed in generated(whole, market)[::97]:
            assert alone.get(listed.security) == listed


def test_looking_one_up_makes_no_other(universe):
    """A universe that was asked for one code holds that one only."""
    fresh = LongTail(NAMED)
    code = generated(universe, Market.HK)[100].security

    assert fresh.find(code)
    assert fresh.made == 1


def test_named_codes_stay_what_they_are(universe):
    """The list goes before the invention, and no code is there twice."""
    for market in MARKETS:
        codes = Counter(i.security for i in universe.instruments(market))
        assert max(codes.values()) == 1
    assert all(universe.get(i.security) is i for i in NAMED.instruments())


@pytest.mark.parametrize(
    "security",
    [
        Security(Market.HK, "7"),
        Security(Market.HK, "2800"),
        Security(Market.HK, "15000"),
        Security(Market.HK, "１２３４５"),
        Security(Market.US, "abcd"),
        Security(Market.US, "ABCDE"),
        Security(Market.US, ""),
        Security(Market.SH, "300750"),
        Security(Market.SZ, "600519"),
        Security(Market.JP, "600720"),
    ],
)
def test_codes_outside_the_ranges_are_unknown(universe, security):
    """Warrants' numbers, lower case and other markets' codes are no companies."""
    with pytest.raises(UnknownSecurity):
        universe.get(security)


@pytest.mark.parametrize("market", MARKETS)
def test_facts_are_plausible(universe, market):
    """Prices lie on the grid, numbers are unique, listings lie on weekdays in the past."""
    companies = generated(universe, market)
    anchor = date(2026, 1, 15)

    assert len({i.instrument_id for i in companies}) == len(companies)
    assert len({i.names.simplified for i in companies}) > 0.9 * len(companies)
    for company in companies:
        listed = date.fromisoformat(company.listing_date)
        assert is_on_tick(company, Decimal(repr(company.reference_price)), anchor)
        assert listed.weekday() < 5
        assert listed < anchor
        assert company.lot_size >= 1
        assert company.issued_shares > 0
        assert company.names.english.isascii()


def test_a_few_companies_have_left_the_exchange(universe):
    """They cannot be traded and are in no plate, but they can be looked up."""
    gone = [i for i in generated(universe, Market.HK) if i.delisting_date]

    assert 1 <= len(gone) <= 30
    assert not any(i.is_tradable for i in gone)
    assert all(universe.get(i.security) is i for i in gone)
    assert not any(universe.owner_plates(i.security) for i in gone)


@pytest.mark.parametrize("market", [Market.HK, Market.US, Market.SH])
def test_plates_and_members_agree(universe, market):
    """A company is a member of the plates that own it, and of no other."""
    plates = universe.plates(market)
    members = {plate.security: universe.members(plate.security) for plate in plates}
    names = Counter(plate.names.simplified for plate in plates)

    assert len(plates) > len(NAMED.plates(market))
    assert max(names.values()) == 1
    for plate, found in members.items():
        for member in found:
            owners = {owner.security for owner in universe.owner_plates(member.security)}
            assert plate in owners
    listed = {i for i in generated(universe, market) if not i.delisting_date}
    assert listed <= {i for found in members.values() for i in found}


def test_the_mainland_has_regions(universe):
    """Provinces are plates of their own kind; every mainland company is in one."""
    regions = universe.plates(Market.SZ, PlateSet.REGION)
    sizes = [len(universe.members(plate.security)) for plate in regions]

    assert len(regions) == 31
    assert sum(sizes) > 4_000
    assert min(sizes) > 10
