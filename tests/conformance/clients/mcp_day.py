"""The day as far as an MCP server's tools go; argument: which server (`SERVERS`)."""

import asyncio
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from document import options, run
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

CODE = "HK.00700"
DAYS = {"start": "2025-06-02", "end": "2025-12-31"}
TODAY = {"start": "2026-01-15", "end": "2026-01-15"}
PAPER = {"trd_env": "SIMULATE"}
PATIENCE_S = 20
NO_PUSHES = "its tools ask, they hand no pushes on"
PUSHES = ("quote", "order book", "ticker", "time-share", "broker", "candle", "reminder", "notice")
MISSING = {f"{kind} push": NO_PUSHES for kind in (*PUSHES, "order", "fill")}
MISSING["next page"] = "it gives one page"
NO_TRADE = dict.fromkeys(
    ("filled order", "cancelled order", "order history", "position"), "it only reads"
)

SERVERS = {
    "moomoo-api-mcp": {
        "snapshot": ("get_market_snapshot", {"codes": [CODE]}),
        "history": (
            "get_historical_klines",
            {"code": CODE, "ktype": "K_DAY", "max_count": 1000, "autype": "NONE", **DAYS},
        ),
        "book": ("get_order_book", {"code": CODE}),
        "history orders": ("get_history_orders", {**PAPER, **TODAY}),
        "positions": ("get_positions", PAPER),
        "orders": ("get_orders", PAPER),
        "missing": {},
    },
    "futu-mcp-server": {
        "snapshot": ("get_market_snapshot", {"symbols": [CODE]}),
        "history": None,
        "subscribe": ("subscribe", {"symbols": [CODE], "sub_types": ["ORDER_BOOK"]}),
        "book": ("get_order_book", {"symbol": CODE}),
        "history orders": ("get_history_order_list", {**PAPER, **TODAY}),
        "positions": ("get_position_list", PAPER),
        "orders": ("get_order_list", PAPER),
        "missing": {"history": "its candles are always adjusted"},
    },
    "futu-opend-mcp": {
        "snapshot": ("get_snapshot", {"codes": [CODE]}),
        "history": (
            "get_kline",
            {"code": CODE, "ktype": "K_DAY", "num": 1000, "rehab": "none", **DAYS},
        ),
        "book": None,
        "missing": {"snapshot": "its snapshot leaves the lot size out", **NO_TRADE},
    },
}


def table(value):
    """The rows of any of the forms in which servers give tables."""
    while isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        value = value["data"]
    if isinstance(value, dict) and all(isinstance(column, dict) for column in value.values()):
        columns = {name: list(column.values()) for name, column in value.items()}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return value if isinstance(value, list) else [value]


class Server:
    def __init__(self, session):
        self.session = session

    async def rows(self, tool, arguments):
        answer = await asyncio.wait_for(self.session.call_tool(tool, arguments), PATIENCE_S)
        texts = [part.text for part in answer.content]
        if answer.isError:
            raise AssertionError(f"{tool}: {texts}")
        found = [row for text in texts for row in table(json.loads(text))]
        if any("error" in row for row in found):
            raise AssertionError(f"{tool}: {found}")
        return found


def bar(row):
    names = ("open", "high", "low", "close", "volume")
    return [row.get("time_key", row.get("time"))[:10], *(float(row[name]) for name in names)]


async def wait_for(server, dialect, order_id, status):
    """Ask for the order until it is in that state; return the states seen."""
    states = []
    for _ in range(100):
        listed = await server.rows(*dialect["orders"])
        state = next(row["order_status"] for row in listed if row["order_id"] == order_id)
        if not states or states[-1] != state:
            states.append(state)
        if state == status:
            break
        await asyncio.sleep(0.05)
    return states


async def trade(server, dialect, lot):
    (book,) = await server.rows(*dialect["book"])
    order = {"code": CODE, "qty": int(lot), "trd_side": "BUY", **PAPER}

    async def place(price):
        (placed,) = await server.rows("place_order", {**order, "price": price})
        return placed["order_id"]

    bought = await place(book["Ask"][2][0])
    seen = {"bought": {"id": bought}}
    seen["bought"]["states"] = await wait_for(server, dialect, bought, "FILLED_ALL")
    resting = await place(book["Bid"][9][0])
    await wait_for(server, dialect, resting, "SUBMITTED")
    await server.rows("cancel_order", {"order_id": resting, **PAPER})
    states = await wait_for(server, dialect, resting, "CANCELLED_ALL")
    seen["cancelled"] = {"id": resting, "states": states}
    seen["orders"] = [
        {"id": row["order_id"], "status": row["order_status"], "filled": row["dealt_qty"]}
        for row in await server.rows(*dialect["history orders"])
    ]
    held = await server.rows(*dialect["positions"])
    return seen | {"position": {row["code"]: row["qty"] for row in held}}


async def tell(server, dialect):
    (seen,) = await server.rows(*dialect["snapshot"])
    if "lot_size" in seen:
        names = {"last": "last_price", "low": "low_price", "high": "high_price", "lot": "lot_size"}
        snapshot = {"code": seen["code"]} | {key: seen[name] for key, name in names.items()}
    else:
        snapshot = {"last": seen["last_price"]}
    day = {"snapshot": snapshot, "pushes": {}, "missing": MISSING | dialect["missing"]}
    if dialect["history"]:
        day["history"] = {"pages": [[bar(row) for row in await server.rows(*dialect["history"])]]}
    if "subscribe" in dialect:
        await server.rows(*dialect["subscribe"])
    if dialect["book"]:
        day |= await trade(server, dialect, snapshot["lot"])
    return day | {"runtime": f"CPython {platform.python_version()}, mcp {version('mcp')}"}


async def day(name):
    address = {}
    for prefix in ("MOOMOO_OPEND", "FUTU_OPEND", "FUTU"):
        address |= {f"{prefix}_HOST": options.host, f"{prefix}_PORT": str(options.port)}
    switches = {"FUTU_OPEND_ENCRYPT": "false", "FUTU_ENABLE_TRADING": "1"}
    command = str(Path(sys.executable).parent / name)
    parameters = StdioServerParameters(command=command, env={**os.environ, **address, **switches})
    async with (
        stdio_client(parameters) as (reading, writing),
        ClientSession(reading, writing) as session,
    ):
        await asyncio.wait_for(session.initialize(), PATIENCE_S)
        return await tell(Server(session), SERVERS[name])


run(lambda: asyncio.run(day(*options.arguments)))
