"""Subscribe to one security and print what the gateway pushes for a while.

python examples/subscribe_and_print.py --code US.AAPL --seconds 10
"""

import argparse
import os
import time

from futu import *


class PrintQuote(StockQuoteHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret == RET_OK:
            quote = data.iloc[0]
            print("quote", quote["code"], quote["data_time"], quote["last_price"])
        return ret, data


class PrintTicker(TickerHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret == RET_OK:
            for _, tick in data.iterrows():
                print(
                    "trade", tick["time"], tick["price"], tick["volume"], tick["ticker_direction"]
                )
        return ret, data


class PrintOrderBook(OrderBookHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret == RET_OK and data["Bid"] and data["Ask"]:
            print("book ", data["Bid"][0][:2], "|", data["Ask"][0][:2])
        return ret, data


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default=os.environ.get("OPEND_HOST", "127.0.0.1"))
parser.add_argument("--port", type=int, default=int(os.environ.get("OPEND_PORT", "11111")))
parser.add_argument("--code", default="HK.00700")
parser.add_argument("--seconds", type=float, default=10)
options = parser.parse_args()

quote_ctx = OpenQuoteContext(host=options.host, port=options.port)
for handler in (PrintQuote(), PrintTicker(), PrintOrderBook()):
    quote_ctx.set_handler(handler)
ret, error = quote_ctx.subscribe(
    [options.code], [SubType.QUOTE, SubType.TICKER, SubType.ORDER_BOOK]
)
if ret == RET_OK:
    time.sleep(options.seconds)
else:
    print("refused:", error)
quote_ctx.close()
