"""Every release of the official Python SDKs lives through the whole day."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe
from tests.conformance.matrix.python_clients import AES, AES_JSON, JSON, combinations


def _case(release, mode):
    marks = () if mode in release.often else (pytest.mark.matrix,)
    return pytest.param(release, mode, marks=marks, id=f"{release.name}, {mode}")


@pytest.mark.parametrize(("release", "mode"), [_case(*pair) for pair in combinations()])
def test_a_release_lives_through_the_day(start_day, rsa_key, client_record, release, mode):
    """Snapshot, history, every push, a fill, a cancel: in this mode, as in any other."""
    record = client_record(release.name, mode)
    encrypted = mode in {AES, AES_JSON}

    day = observe(
        release.environment_of(mode),
        "day",
        start_day(encrypted=encrypted),
        rsa_key=rsa_key if encrypted else None,
        json_bodies=mode in {JSON, AES_JSON},
    )

    record.check(day)
