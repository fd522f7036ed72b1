"""Where prices come from: built-in sources and those of installed packages."""

import sys
from pathlib import Path

import pytest

from gateway.assembly import make_listing
from gateway.config import ConfigError, load_settings
from gateway.market_sources import make_source
from simulator.domain import Market, Security
from simulator.errors import UnknownSecurity
from simulator.market.data import MarketData
from simulator.market.synthetic import SyntheticSource
from simulator.market.universe import default_universe
from simulator.timeline import WallTimeline
from tests.support.markets import utc_ns

PLUGIN = Path(__file__).parents[2] / "examples" / "market_source_plugin" / "src"
UNIVERSE = default_universe()
TENCENT = Security(Market.HK, "00700")
HSBC = Security(Market.HK, "00005")
EVENING = utc_ns("2025-03-06T20:00:00+08:00")


@pytest.fixture
def folder(tmp_path):
    row = "2025-03-06,493,520,493,518,31000000"
    (tmp_path / "HK.00700.csv").write_text(f"date,open,high,low,close,volume\n{row}\n")
    return tmp_path


@pytest.fixture
def installed_plugin(tmp_path, monkeypatch):
    """The example package, as an installer would leave it."""
    site = tmp_path / "site"
    info = site / "sine_market-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sine-market\nVersion: 1.0\n")
    points = "[opend_emulator.market_sources]\nsine = sine_market:make_source\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(PLUGIN))
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("sine_market", None)


def market(*arguments):
    listing = make_listing(load_settings(list(arguments)))
    return MarketData(listing.universe, WallTimeline(), listing.source)


def test_the_synthetic_source_is_the_default():
    """Without a setting prices are the seed's."""
    source, universe = make_source("synthetic", 1, UNIVERSE)

    assert isinstance(source, SyntheticSource)
    assert universe is UNIVERSE


def test_a_folder_is_replayed_beside_the_synthetic_market(folder):
    """What has a file comes from it, the rest from the seed."""
    data = market(f"-sim_source=replay:{folder}")

    assert data.quote(TENCENT, EVENING).last == 518.0
    assert data.quote(HSBC, EVENING).last > 0


def test_a_folder_can_be_the_whole_market(folder):
    """What has no file is unknown then."""
    data = market(f"-sim_source=replay_only:{folder}")

    assert data.quote(TENCENT, EVENING).last == 518.0
    with pytest.raises(UnknownSecurity):
        data.quote(HSBC, EVENING)


def test_an_installed_package_supplies_prices(installed_plugin):
    """The example plug-in's security swings between 80 and 120."""
    data = market("-sim_source=sine:HK.00700")
    lasts = [
        data.quote(TENCENT, EVENING + days * 86_400_000_000_000).last for days in range(0, 120, 7)
    ]

    assert min(lasts) < 85
    assert max(lasts) > 115
    assert data.quote(HSBC, EVENING).last > 0


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("replay:/nowhere/at/all", "all: there is no such folder"),
        ("replay", "name a folder: replay:<folder>"),
        ("synthetic:x", "synthetic takes nothing behind a colon"),
        ("nothing", "no such source; there are synthetic, replay, replay_only"),
    ],
)
def test_what_cannot_be_made_is_refused_where_it_was_written(setting, reason):
    """One line that names the option."""
    with pytest.raises(ConfigError) as caught:
        market(f"-sim_source={setting}")

    assert str(caught.value) == f'command line: option -sim_source: "{setting}": {reason}'
