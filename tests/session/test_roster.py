"""The live connections."""

import pytest

from gateway.session.roster import MAX_CONNECTIONS, Roster, RosterFullError
from gateway.wire.ciphers import PlainCipher
from tests.support.outbox import FakeOutbox


def opened(roster: Roster):
    return roster.open("1.2.3.4:5", FakeOutbox(), PlainCipher(), 0)


def test_ids_repeat_with_the_seed_and_fit_a_uint64():
    """Two runs with one seed hand out the same ids, another seed others."""
    first = [opened(Roster(seed)).conn_id for seed in (1, 1, 2)]

    assert first[0] == first[1] != first[2]
    assert all(1 << 62 <= conn_id < 1 << 63 for conn_id in first)


def test_the_129th_connection_is_refused_and_room_returns():
    """OpenD takes 128 connections."""
    roster = Roster(1)
    connections = [opened(roster) for _ in range(MAX_CONNECTIONS)]

    with pytest.raises(RosterFullError):
        opened(roster)
    roster.drop(connections[0])

    assert opened(roster).conn_id != connections[0].conn_id
    assert roster.get(connections[0].conn_id) is None
    assert len(roster) == MAX_CONNECTIONS
