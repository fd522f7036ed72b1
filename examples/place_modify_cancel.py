"""Place a paper order far below the market, change it, cancel it, and watch its states.

python examples/place_modify_cancel.py [host] [port]
"""

import os
import sys
import time

from futu import *

CODE = "HK.00700"

host = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OPEND_HOST", "127.0.0.1")
port = int(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("OPEND_PORT", "11111"))


class PrintOrder(TradeOrderHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret == RET_OK:
            order = data.iloc[0]
            print("pushed:", order["order_status"], order["qty"], "at", order["price"])
        return ret, data


def must(answer):
    """Return the data of a good answer; stop the program with the text of a bad one."""
    if answer[0] != RET_OK:
        sys.exit(f"refused: {answer[1]}")
    return answer[1]


# The contexts close themselves, also when a request is refused.
with (
    OpenQuoteContext(host=host, port=port) as quote_ctx,
    OpenSecTradeContext(filter_trdmarket=TrdMarket.HK, host=host, port=port) as trd_ctx,
):
    trd_ctx.set_handler(PrintOrder())
    snapshot = must(quote_ctx.get_market_snapshot([CODE])).iloc[0]
    lot = int(snapshot["lot_size"])
    # Twenty price steps below the best bid: too low to be filled, valid on the tick table.
    price = round(snapshot["bid_price"] - 20 * snapshot["price_spread"], 3)

    order = must(trd_ctx.place_order(price, lot, CODE, TrdSide.BUY, trd_env=TrdEnv.SIMULATE))
    order_id = order["order_id"][0]
    time.sleep(1)
    lower = round(price - snapshot["price_spread"], 3)
    change = {"order_id": order_id, "trd_env": TrdEnv.SIMULATE}
    must(trd_ctx.modify_order(ModifyOrderOp.NORMAL, qty=2 * lot, price=lower, **change))
    time.sleep(1)
    must(trd_ctx.modify_order(ModifyOrderOp.CANCEL, qty=0, price=0, **change))
    time.sleep(1)
    orders = must(trd_ctx.order_list_query(order_id=order_id, trd_env=TrdEnv.SIMULATE))
    print(orders[["order_id", "code", "order_status", "qty", "price", "dealt_qty"]])
