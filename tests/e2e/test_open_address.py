"""A gateway that listens on every address: quotes for all, trading for those with a key."""

from __future__ import annotations

import pytest

from gateway.wire.ciphers import RsaCipher, parse_rsa_key
from gateway.wire.proto_ids import ProtoId
from tests.conformance.gateway_process import running
from tests.support.raw_client import RawClient, security
from tests.support.rsa_keys import RSA_1024

pytestmark = pytest.mark.slow

EVERYWHERE = "0.0.0.0"


def ask_both(port: int, **options: object) -> tuple[object, object]:
    """The refusal or "" of a trade request, and of a quote request."""
    with RawClient(port, **options) as client:
        trade = client.ask(ProtoId.Trd_GetAccList, userID=0)
        quote = client.ask(ProtoId.Qot_GetSecuritySnapshot, securityList=[security("00700")])
    return trade.retMsg, quote.retMsg


def test_without_a_key_only_quotes_are_served(tmp_path):
    """Trading is refused with a text that names the way out, and the log says so at the start."""
    with running(tmp_path, ip=EVERYWHERE, lang="en") as gateway:
        trade, quote = ask_both(gateway.port)

    assert "Trade interfaces need an RSA private key" in str(trade)
    assert quote == ""
    assert "trading_refused" in gateway.log


def test_with_a_key_trading_is_served(tmp_path):
    """The same address, encrypted."""
    key = tmp_path / "key.pem"
    key.write_text(RSA_1024)
    with running(tmp_path, ip=EVERYWHERE, rsa_private_key=key) as gateway:
        cipher = RsaCipher(parse_rsa_key(RSA_1024))
        answers = ask_both(gateway.port, init_cipher=cipher)

    assert answers == ("", "")


def test_a_local_address_needs_no_key(tmp_path):
    """What everybody starts with."""
    with running(tmp_path) as gateway:
        assert ask_both(gateway.port) == ("", "")
