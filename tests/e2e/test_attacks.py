"""Clients that mean harm: others keep being answered, and memory stays bounded.

What is asserted are counters and bounds, not times, which are properties of the test report.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from gateway.session.roster import MAX_CONNECTIONS
from gateway.wire.ciphers import RsaCipher, parse_rsa_key
from gateway.wire.ft_frame import body_digest, encode_frame
from gateway.wire.proto_ids import ProtoId
from tests.conformance.gateway_process import GatewayProcess, running, write_rsa_key
from tests.support.raw_client import RawClient, security
from tests.support.requests import encoded

pytestmark = pytest.mark.slow

ROUNDS: Final = 100
MEBIBYTE: Final = 1 << 20
GROWTH_BYTES: Final = 96 * MEBIBYTE
"""More than one full outbox (32 MiB) and what a run takes for itself."""
CODES: Final = ("00700", "00005", "00941", "09988", "03690", "01810", "00388", "01299")
EVERY_PUSH: Final = (1, 2, 4, 5, 6, 11)


@contextmanager
def victim(folder: Path, **settings: object) -> Iterator[tuple[GatewayProcess, RawClient]]:
    """A gateway, and an honest client that must not notice anything."""
    quiet = {"log_level": "error", "sim_limits": "off", "lang": "en"}
    with running(folder, **{**quiet, **settings}) as gateway, RawClient(gateway.port) as honest:
        yield gateway, honest


def measure(honest: RawClient, record: Callable[[str, object], None], name: str) -> None:
    """Every one of the KeepAlives is answered; how fast is only told."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        assert honest.ask(ProtoId.KeepAlive, time=1).retType == 0
        times.append(time.perf_counter() - started)
    times.sort()
    record(name, f"p50 {times[ROUNDS // 2] * 1e3:.2f} ms, p99 {times[-2] * 1e3:.2f} ms")


def resident_bytes(gateway: GatewayProcess) -> int:
    """Memory of the gateway's process."""
    status = Path(f"/proc/{gateway.pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def is_hung_up(client: socket.socket) -> bool:
    """Whether the gateway closes a connection soon, whatever it still sends."""
    try:
        while client.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def admitted(port: int, honest: RawClient) -> RawClient:
    """A new client, once the gateway has noticed that another left."""
    for _ in range(200):
        try:
            return RawClient(port)
        except OSError:
            assert honest.ask(ProtoId.KeepAlive, time=1).retType == 0
    return RawClient(port)


def test_the_129th_connection_is_hung_up_on(tmp_path, record_property):
    """128 are served; one more is closed; one that leaves makes room for another. Source: [D]."""
    with victim(tmp_path) as (gateway, honest), ExitStack() as stack:
        more = [stack.enter_context(RawClient(gateway.port)) for _ in range(MAX_CONNECTIONS - 1)]
        with connect(gateway.port) as extra:
            assert is_hung_up(extra)
        measure(honest, record_property, "128 connections")
        assert all(client.ask(ProtoId.KeepAlive, time=1).retType == 0 for client in more)
        more.pop().close()
        stack.enter_context(admitted(gateway.port, honest))


def test_half_open_handshakes_disturb_nobody(tmp_path, record_property):
    """A hundred clients that say half a header and no more."""
    half = encode_frame(ProtoId.InitConnect, 0, 1, bytes(20), b"x" * 100)[:30]
    with victim(tmp_path) as (gateway, honest), ExitStack() as stack:
        before = resident_bytes(gateway)
        for _ in range(100):
            stack.enter_context(connect(gateway.port)).sendall(half)
        measure(honest, record_property, "100 half-open handshakes")
        with RawClient(gateway.port) as another:
            assert another.ask(ProtoId.KeepAlive, time=1).retType == 0
        assert resident_bytes(gateway) - before < GROWTH_BYTES


def test_a_slow_reader_under_full_push_load_disturbs_nobody(tmp_path, record_property):
    """It subscribes everything sixty times as fast as real markets, and reads nothing."""
    with victim(tmp_path, sim_speed=60) as (gateway, honest), RawClient(gateway.port) as slow:
        before = resident_bytes(gateway)
        slow.send(
            ProtoId.Qot_Sub,
            securityList=[security(code) for code in CODES],
            subTypeList=EVERY_PUSH,
            isSubOrUnSub=True,
            isRegOrUnRegPush=True,
        )
        for turn in range(5):
            measure(honest, record_property, f"slow reader {turn}")
            time.sleep(0.2)
        growth = resident_bytes(gateway) - before
        record_property("growth", f"{growth / MEBIBYTE:.1f} MiB")
        assert growth < GROWTH_BYTES


@pytest.mark.parametrize(
    ("name", "rubbish"),
    [
        ("oversized", b"FT" + (1001).to_bytes(4, "little") + bytes(6) + b"\xff\xff\xff\x7f"),
        ("garbage", bytes(range(256)) * 4),
        ("zeros", bytes(4096)),
        ("text", b"GET / HTTP/1.1\r\nHost: here\r\n\r\n" * 3),
    ],
    ids=["oversized", "garbage", "zeros", "text"],
)
def test_rubbish_costs_the_sender_its_connection(tmp_path, record_property, name, rubbish):
    """Bytes that are no frame end their connection at once, fifty times over."""
    padded = rubbish.ljust(64, b"\0")
    with victim(tmp_path) as (gateway, honest):
        before = resident_bytes(gateway)
        for _ in range(50):
            with connect(gateway.port) as attacker:
                attacker.sendall(padded)
                assert is_hung_up(attacker)
        measure(honest, record_property, name)
        assert resident_bytes(gateway) - before < GROWTH_BYTES


def test_a_wrong_key_is_answered_and_costs_nobody_else(tmp_path, record_property):
    """Fifty clients with another RSA key are refused; who has the right one is served."""
    key = write_rsa_key(tmp_path / "key.pem")
    right = RsaCipher(parse_rsa_key(key.read_text(encoding="ascii")))
    other = write_rsa_key(tmp_path / "other.pem")
    wrong = RsaCipher(parse_rsa_key(other.read_text(encoding="ascii")))
    with (
        running(tmp_path, rsa_private_key=key, lang="en") as gateway,
        RawClient(gateway.port, init_cipher=right) as honest,
    ):
        before = resident_bytes(gateway)
        for _ in range(50):
            with RawClient(gateway.port, init_cipher=wrong, initialise=False) as attacker:
                attacker.send(ProtoId.InitConnect, clientVer=300, clientID="x")
                assert attacker.reply_frame().serial == 1
        measure(honest, record_property, "wrong keys")
        assert resident_bytes(gateway) - before < GROWTH_BYTES
    assert "another RSA key?" in gateway.log


def test_a_replayed_packet_trades_once(tmp_path, record_property):
    """The recorded bytes of an order, fifty times, on its connection and on others: one order."""
    paper = {"trdEnv": 0, "accID": 9053218, "trdMarket": 1}
    with victim(tmp_path) as (gateway, honest), RawClient(gateway.port) as trader:
        order = {
            "packetID": {"connID": trader.conn_id, "serialNo": 7},
            "header": paper,
            "trdSide": 1,
            "orderType": 1,
            "code": "00700",
            "qty": 100,
            "price": 300.0,
        }
        body = encoded(ProtoId.Trd_PlaceOrder, **order)
        recorded = encode_frame(ProtoId.Trd_PlaceOrder, 0, 99, body_digest(body), body)
        trader.socket.sendall(recorded * 50)
        answers = {bytes(trader.reply_frame().body) for _ in range(50)}
        with RawClient(gateway.port) as thief:
            thief.socket.sendall(recorded * 50)
            stolen = {bytes(thief.reply_frame().body) for _ in range(50)}
        measure(honest, record_property, "replayed packets")
        placed = honest.ask(ProtoId.Trd_GetOrderList, header=paper).s2c.orderList

    assert len(answers) == len(stolen) == 1
    assert answers != stolen
    assert len(placed) == 1
