"""What is remembered of securities stays within bounds, and forgetting changes no answer."""

from simulator.domain import Venue
from simulator.market.caches import Recent
from simulator.market.synthetic import SyntheticSource
from simulator.market.tape import Tape
from tests.support.markets import UNIVERSE, utc_ns

ROOM = 3
STOCKS = [i for i in UNIVERSE.instruments() if i.venue is Venue.HK_STOCK and i.is_tradable][:8]
NOW_NS = utc_ns("2026-01-14T11:00:00+08:00")


def test_the_oldest_value_goes_first_and_a_read_makes_young():
    """Three are put into room for two; the one that was read in between stays."""
    memory: Recent[str, int] = Recent(2)
    memory.put("a", 1)
    memory.put("b", 2)
    assert memory.get("a") == 1
    memory.put("c", 3)
    assert (memory.get("a"), memory.get("b"), memory.get("c"), len(memory)) == (1, None, 3, 2)
    memory.drop("a")
    memory.drop("never seen")
    assert len(memory) == 1
    memory.clear()
    assert len(memory) == 0


def test_a_tape_remembers_the_sums_of_few_securities_and_reads_the_others_again():
    """Eight stocks in turn, room for three: the last three are at hand, all figures are as ever."""
    source = SyntheticSource(1)
    small, roomy = Tape(source, most_states=ROOM), Tape(source)
    first = [small.state(stock, NOW_NS) for stock in STOCKS]

    assert [small.has_read(stock, NOW_NS) for stock in STOCKS] == [False] * 5 + [True] * ROOM
    assert all(roomy.has_read(s, NOW_NS) for s in STOCKS if roomy.state(s, NOW_NS))
    for state, stock in zip(first, STOCKS, strict=True):
        for other in (small.state(stock, NOW_NS), roomy.state(stock, NOW_NS)):
            assert (other.last, other.volume, other.turnover) == (
                state.last,
                state.volume,
                state.turnover,
            )
