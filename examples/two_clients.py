"""Two clients of one gateway: subscriptions are their own, quota and account are shared.

python examples/two_clients.py [host] [port]
"""

import os
import sys
import time

from futu import *

CODE = "HK.00700"

host = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OPEND_HOST", "127.0.0.1")
port = int(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("OPEND_PORT", "11111"))


class CountTicker(TickerHandlerBase):
    count = 0

    def on_recv_rsp(self, rsp_pb):
        self.count += 1
        return super().on_recv_rsp(rsp_pb)


class PrintOrder(TradeOrderHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret == RET_OK:
            print("the other client hears:", data["order_status"][0], data["order_id"][0])
        return ret, data


with (
    OpenQuoteContext(host=host, port=port) as first,
    OpenQuoteContext(host=host, port=port) as second,
):
    counters = CountTicker(), CountTicker()
    first.set_handler(counters[0])
    second.set_handler(counters[1])
    print("subscribe:", first.subscribe([CODE], [SubType.TICKER]))
    time.sleep(5)
    print("pushes to the first:", counters[0].count, "to the second:", counters[1].count)
    print("seen by the second:", second.query_subscription(is_all_conn=True)[1])

with (
    OpenSecTradeContext(filter_trdmarket=TrdMarket.HK, host=host, port=port) as trader,
    OpenSecTradeContext(filter_trdmarket=TrdMarket.HK, host=host, port=port) as watcher,
):
    watcher.set_handler(PrintOrder())
    ret, order = trader.place_order(500.0, 100, CODE, TrdSide.BUY, trd_env=TrdEnv.SIMULATE)
    time.sleep(1)
    if ret == RET_OK:
        cancel = {"order_id": order["order_id"][0], "trd_env": TrdEnv.SIMULATE}
        trader.modify_order(ModifyOrderOp.CANCEL, qty=0, price=0, **cancel)
        time.sleep(1)
