"""nautilus-futu, the NautilusTrader adapter, which speaks the protocol in Rust."""

from __future__ import annotations

import pytest

from tests.conformance.client_programs import observe
from tests.conformance.environments import NoPythonError, interpreter
from tests.conformance.matrix.python_clients import AES, PLAIN

pytestmark = pytest.mark.matrix

CLIENT = "nautilus-futu 0.5.1"
WRONG_CHECK = "SHA1 checksum mismatch for proto_id=1001"


@pytest.fixture(autouse=True)
def _installed(client_record, request):
    request.node.record = client_record(CLIENT, request.node.callspec.params["mode"])
    try:
        interpreter("nautilus")
    except NoPythonError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("mode", [PLAIN])
def test_the_adapters_client_lives_through_the_day(start_day, request, mode):
    """Quotes, candles, four kinds of pushes, and both orders."""
    request.node.record.check(observe("nautilus", "nautilus_day", start_day()))


@pytest.mark.parametrize("mode", [AES])
def test_encrypted_it_refuses_the_digest_that_official_clients_demand(
    start_day, rsa_key, request, mode
):
    """It compares the SHA-1 with what is on the wire; official clients, with the plain body."""
    with pytest.raises(AssertionError, match=WRONG_CHECK):
        observe("nautilus", "nautilus_day", start_day(encrypted=True), rsa_key=rsa_key)
    pytest.skip("it takes the SHA-1 for that of the encrypted body; official clients refuse that")
