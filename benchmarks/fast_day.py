"""A full Hong Kong trading day at high speed, as one client with 50 subscriptions sees it.

    python -m benchmarks.fast_day --sdk .venvs/current/bin/python [--speed 1000 | --apart]

The client subscribes to quotes, prints and one-minute candles of 50 securities, the clock runs from
before the opening to after the close, and every print that the market made must have arrived. The
client's own pace counts: an accelerated market waits for its readers. At a high speed prints that are
due at the same moment come in one push; with `--apart` the clock travels from event to event instead,
and each has pushes of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Final

from benchmarks.child import cpu_seconds
from benchmarks.running_gateway import RunningGateway

START: Final = "2026-01-15T08:55:00+08:00"
CLIENT: Final = """
import collections, json, sys, threading, time
from futu import *
host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
quotes = OpenQuoteContext(host, port)
numbers = collections.defaultdict(list)
pushes = collections.Counter()
class Prints(TickerHandlerBase):
    def on_recv_rsp(self, rsp):
        pushes["ticker"] += 1
        for row in rsp.s2c.tickerList:
            numbers[rsp.s2c.security.code].append((row.sequence, row.volume))
        return RET_OK, None
class Quotes(StockQuoteHandlerBase):
    def on_recv_rsp(self, rsp):
        pushes["quote"] += 1
        return RET_OK, None
class Candles(CurKlineHandlerBase):
    def on_recv_rsp(self, rsp):
        pushes["candle"] += 1
        return RET_OK, None
for handler in (Prints(), Quotes(), Candles()):
    quotes.set_handler(handler)
ret, data = quotes.get_stock_basicinfo(Market.HK, SecurityType.STOCK)
codes = sorted(data["code"])[:count]
ret, text = quotes.subscribe(codes, ["QUOTE", "TICKER", "K_1M"], is_first_push=False)
assert ret == RET_OK, text
print("subscribed", flush=True)
sys.stdin.readline()
quotes.get_global_state()
ret, table = quotes.get_market_snapshot(codes)
seen = {code: sum(v for _, v in numbers[code[3:]]) for code in codes}
lost = {c: (int(v), seen[c]) for c, v in zip(table["code"], table["volume"]) if int(v) != seen[c]}
doubled = sum(len(rows) - len({n for n, _ in rows}) for rows in numbers.values())
print(json.dumps({"pushes": pushes, "prints": sum(map(len, numbers.values())), "lost": lost,
                  "doubled": doubled}), flush=True)
quotes.close()
"""


def main() -> None:
    """Measure once and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sdk", type=Path, default=Path(sys.executable), help="its interpreter")
    parser.add_argument("--speed", type=float, default=1000)
    parser.add_argument("--apart", action="store_true", help="each event by itself")
    parser.add_argument("--count", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ports = Path(folder) / "ports.json"
        flags = (f"-sim_start={START}", "-sim_clock=manual", "-sim_admin_port=0", "-console=0")
        with RunningGateway(*flags, f"-sim_port_file={ports}") as gateway:
            admin = json.loads(ports.read_text(encoding="utf-8"))["admin"]["port"]
            arguments = [str(options.sdk), "-c", CLIENT, "127.0.0.1", str(gateway.port)]
            client = subprocess.Popen(
                [*arguments, str(options.count)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            if not any("subscribed" in line for line in iter(client.stdout.readline, "")):
                raise RuntimeError("the client could not subscribe")
            begin = time.perf_counter()
            _let_the_day_pass(admin, None if options.apart else options.speed)
            took_s = time.perf_counter() - begin
            client_s = cpu_seconds(client.pid)
            seen, _ = client.communicate("\n")
            used_s = cpu_seconds(gateway.pid)
    found = next(line for line in reversed(seen.splitlines()) if line.startswith("{"))
    pace = "event by event" if options.apart else f"at speed {options.speed:g}"
    print(
        f"a day of {options.count} securities {pace}: {took_s:.1f} s; the gateway took "
        f"{used_s:.1f} s of processor, the client {client_s:.1f} s"
    )
    print(found)


def _let_the_day_pass(admin: int, speed: float | None) -> None:
    if speed is None:
        _command(admin, "sim_clock", advance="7.25h")
        return
    _command(admin, "sim_clock", speed=speed)
    _command(admin, "sim_clock", action="resume")
    while not _is_closed(admin):
        time.sleep(0.2)
    _command(admin, "sim_clock", action="pause")


def _command(port: int, name: str, **parameters: object) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/commands/{name}",
        json.dumps(parameters).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=600) as reply:  # noqa: S310 - our own
        reply.read()


def _is_closed(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/clock", timeout=120) as reply:
        markets = json.load(reply)["markets"]
    local = next(market["time"] for market in markets if market["venue"] == "HK_STOCK")
    return local[11:] >= "16:10"


if __name__ == "__main__":
    main()
