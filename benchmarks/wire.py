"""Requests a second over many connections, each measured beside the bare server.

    python -m benchmarks.wire

Gateway and yardstick take turns, so that whatever else the machine does meets both. Beside the rate
stands the processor time that a request cost the server. It judges, as requests per second of one
core: rates of a machine that others use too say more about them.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from Crypto.PublicKey import RSA

from benchmarks.load import Plan
from benchmarks.loading import Cost, measure
from benchmarks.report import Row, markdown
from benchmarks.running_gateway import ROOT, RunningGateway
from gateway.pb import Qot_Common

CONNECTIONS: Final = 50
SECONDS: Final = 1.5
ROUNDS: Final = 3
CODES: Final = ("00700", "09988", "03690", "00388", "00005", "01299", "00941", "02318", "01810")
MOST_AES_RATIO: Final = 2.0
OPTIONS: Final = ("-sim_limits=off", "-sim_clock=open")
SECURITIES: Final[list[dict[str, object]]] = [
    {"market": Qot_Common.QotMarket_HK_Security, "code": code} for code in (*CODES, "00883")
]
SUBSCRIBE: Final[tuple[str, dict[str, Any]]] = (
    "Qot_Sub",
    {
        "securityList": SECURITIES,
        "subTypeList": [Qot_Common.SubType_Basic],
        "isSubOrUnSub": True,
    },
)
KEEP_ALIVE: Final = Plan(0, CONNECTIONS, SECONDS, "KeepAlive", {"time": 0})
QUOTES: Final = replace(
    KEEP_ALIVE, request="Qot_GetBasicQot", c2s={"securityList": SECURITIES}, setup=[SUBSCRIBE]
)


@dataclass(frozen=True)
class Pair:
    """One server and another under the same load, right after each other."""

    ours: Cost
    other: Cost

    @property
    def rate_ratio(self) -> float:
        """Our requests per second by the other's."""
        return self.ours.per_second / self.other.per_second

    @property
    def cpu_ratio(self) -> float:
        """Our processor time per request by the other's."""
        return self.ours.cpu_us / self.other.cpu_us


def rows() -> list[Row]:
    """Both requests against the yardstick, then encrypted against plain."""
    return [
        against_bare("KeepAlive, 50 connections", KEEP_ALIVE, 0.7),
        against_bare("GetBasicQot of 10 subscribed codes, 50 connections", QUOTES, 0.4),
        encrypted("KeepAlive, AES_CBC against plain", KEEP_ALIVE),
        encrypted("GetBasicQot of 10 codes, AES_CBC against plain", QUOTES),
    ]


def against_bare(what: str, plan: Plan, least: float) -> Row:
    """One request against a bare server whose reply is as long as ours."""
    with RunningGateway(*OPTIONS) as gateway:
        ours = replace(plan, port=gateway.port)
        first = measure(gateway.pid, replace(ours, connections=1, seconds=0.2))
        with bare_server(first.outcome.reply_bytes) as (pid, port):
            bare = replace(plan, port=port, is_bare=True, setup=[])
            pairs = [Pair(measure(gateway.pid, ours), measure(pid, bare)) for _ in range(ROUNDS)]
    pair = _middle(pairs)
    ratio = 1 / pair.cpu_ratio
    text = (
        f"{ratio:.2f} × per core ({pair.ours.per_second:,.0f}/s, {pair.ours.cpu_us:.0f} µs of processor; "
        f"bare {pair.other.per_second:,.0f}/s, {pair.other.cpu_us:.0f} µs)"
    )
    return Row(what, f"≥ {least} × bare server", text, ratio >= least, _figures(pair))


def encrypted(what: str, plan: Plan) -> Row:
    """Processor time of one request with AES_CBC and without."""
    with tempfile.TemporaryDirectory() as directory:
        key = Path(directory) / "key.pem"
        key.write_bytes(RSA.generate(2048).export_key())
        secret_options = (*OPTIONS, f"-rsa_private_key={key}")
        with RunningGateway(*secret_options) as secret, RunningGateway(*OPTIONS) as plain:
            secret_plan = replace(plan, port=secret.port, rsa_key=str(key))
            pairs = [
                Pair(
                    measure(secret.pid, secret_plan),
                    measure(plain.pid, replace(plan, port=plain.port)),
                )
                for _ in range(ROUNDS)
            ]
    pair = _middle(pairs)
    ratio = pair.cpu_ratio
    text = f"{ratio:.2f} × ({pair.ours.cpu_us:.0f} µs, plain {pair.other.cpu_us:.0f} µs)"
    return Row(what, "≤ 2 × processor time", text, ratio <= MOST_AES_RATIO, _figures(pair))


@contextmanager
def bare_server(body_bytes: int) -> Iterator[tuple[int, int]]:
    """A running yardstick: its process id and its port."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare_server", str(body_bytes)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            line = next(iter(process.stdout or ()))
            yield process.pid, int(line.rpartition(" ")[2])
        finally:
            process.terminate()


def _middle(pairs: list[Pair]) -> Pair:
    middle = statistics.median_low([pair.cpu_ratio for pair in pairs])
    return next(pair for pair in pairs if pair.cpu_ratio == middle)


def _figures(pair: Pair) -> dict[str, float]:
    return {
        "rate_ratio": pair.rate_ratio,
        "cpu_ratio": pair.cpu_ratio,
        "requests_per_s": pair.ours.per_second,
        "cpu_us": pair.ours.cpu_us,
        "other_requests_per_s": pair.other.per_second,
        "other_cpu_us": pair.other.cpu_us,
    }


if __name__ == "__main__":
    print(markdown(rows()))
