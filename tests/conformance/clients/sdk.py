"""What all client programs share: the SDK under its package's name, contexts, observations.

These programs run inside an SDK's own environment, on every release; they import nothing
of the emulator. Each ends by writing one JSON document with what it has seen (`run`).
"""

import importlib
import inspect
import math
import os
import threading
import time
from contextlib import closing
from typing import ClassVar

from document import options, run  # noqa: F401 - programs take `run` from here

api = importlib.import_module(os.environ.get("SDK_PACKAGE", "futu"))

HK_STOCK = "HK.00700"
SIMULATE = api.TrdEnv.SIMULATE

if options.rsa_key:
    api.SysConfig.set_init_rsa_file(options.rsa_key)
if options.json:
    api.SysConfig.set_proto_fmt(api.ProtoFMT.Json)
_address = {"host": options.host, "port": options.port}
if hasattr(api.SysConfig, "enable_proto_encrypt"):
    api.SysConfig.enable_proto_encrypt(bool(options.rsa_key))
if "is_encrypt" in inspect.signature(api.OpenQuoteContext).parameters:
    _address["is_encrypt"] = bool(options.rsa_key)


def quote_context():
    """Open a quote context; `closing`, because contexts before 5.x give None to a `with` block."""
    return closing(api.OpenQuoteContext(**_address))


def trade_context(market="HK"):
    """Open a trade context that sees the accounts of one market."""
    if hasattr(api, "OpenSecTradeContext"):
        return closing(api.OpenSecTradeContext(filter_trdmarket=market, **_address))
    return closing(getattr(api, f"Open{market}TradeContext")(**_address))


def observe(answer):
    """Turn an SDK's answer into plain data: {"ret", and "rows", "text" or "value"}."""
    ret, data = answer[0], answer[1]
    if hasattr(data, "to_dict"):
        return {"ret": ret, "rows": plain(data.to_dict("records"))}
    if ret != api.RET_OK:
        return {"ret": ret, "text": str(data)}
    return {"ret": ret, "value": plain(data)}


def rows(answer):
    """The rows of an observed answer that must be a good one."""
    if "rows" not in answer:
        raise AssertionError(f"refused: {answer}")
    return answer["rows"]


def plain(value):
    """Make any value of the SDK fit for JSON; what is not a number becomes None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if hasattr(value, "to_dict"):
        return plain(value.to_dict("records"))
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


class Pushes:
    """Everything pushed to one context, by kind, in order of arrival."""

    BASES: ClassVar = {
        "quote": "StockQuoteHandlerBase",
        "order_book": "OrderBookHandlerBase",
        "candle": "CurKlineHandlerBase",
        "ticker": "TickerHandlerBase",
        "rt": "RTDataHandlerBase",
        "broker": "BrokerHandlerBase",
        "order": "TradeOrderHandlerBase",
        "fill": "TradeDealHandlerBase",
        "notify": "SysNotifyHandlerBase",
        "reminder": "PriceReminderHandlerBase",
    }

    def __init__(self, context, *kinds):
        self.seen = {kind: [] for kind in kinds}
        self._changed = threading.Condition()
        for kind in kinds:
            context.set_handler(self._handler(kind)())

    def _handler(self, kind):
        pushes = self

        class Handler(getattr(api, self.BASES[kind])):
            def on_recv_rsp(self, rsp_pb):
                answer = super().on_recv_rsp(rsp_pb)
                # The broker queue alone comes as (ret, code, [bids, asks]).
                data = answer if kind != "broker" else (answer[0], list(answer[1:]))
                with pushes._changed:
                    pushes.seen[kind].append(observe(data))
                    pushes._changed.notify_all()
                return answer

        return Handler

    def rows(self, kind):
        """All rows of all good pushes of that kind, oldest first."""
        with self._changed:
            return [row for push in self.seen[kind] for row in push.get("rows", [])]

    def wait(self, condition, seconds):
        """Wait until `condition()` holds, at most so long; say whether it does."""
        deadline = time.monotonic() + seconds
        with self._changed:
            return self._changed.wait_for(condition, deadline - time.monotonic())

    def wait_for_count(self, seconds, **counts):
        return self.wait(lambda: all(len(self.seen[k]) >= n for k, n in counts.items()), seconds)

    def counts(self):
        with self._changed:
            return {kind: len(seen) for kind, seen in self.seen.items()}
