"""Fetch a year of daily candles page by page and print their extremes.

python examples/history_candles.py --code US.AAPL --page 100
"""

import argparse
import os
import sys

import pandas
from futu import *

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default=os.environ.get("OPEND_HOST", "127.0.0.1"))
parser.add_argument("--port", type=int, default=int(os.environ.get("OPEND_PORT", "11111")))
parser.add_argument("--code", default="HK.00700")
parser.add_argument("--ktype", default=KLType.K_DAY, help="K_1M, K_60M, K_DAY, K_WEEK, …")
parser.add_argument("--page", type=int, default=100, help="candles per page, at most 1000")
options = parser.parse_args()

pages = []
page_key = None
with OpenQuoteContext(host=options.host, port=options.port) as quote_ctx:
    while True:
        ret, data, page_key = quote_ctx.request_history_kline(
            options.code, ktype=options.ktype, max_count=options.page, page_req_key=page_key
        )
        if ret != RET_OK:
            sys.exit(f"refused: {data}")
        pages.append(data)
        print(f"page {len(pages)}: {len(data)} candles")
        if page_key is None:
            break

candles = pandas.concat(pages, ignore_index=True)
print(candles[["time_key", "open", "high", "low", "close", "volume"]])
highest = candles.loc[candles["high"].idxmax()]
lowest = candles.loc[candles["low"].idxmin()]
print("highest", highest["high"], "on", highest["time_key"])
print("lowest ", lowest["low"], "on", lowest["time_key"])
