"""Look at one snapshot and place one paper order: the shortest useful program.

python examples/quick_start.py [host] [port]
"""

import os
import sys

from futu import *

host = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OPEND_HOST", "127.0.0.1")
port = int(sys.argv[2] if len(sys.argv) > 2 else os.environ.get("OPEND_PORT", "11111"))

quote_ctx = OpenQuoteContext(host=host, port=port)
print(quote_ctx.get_market_snapshot("HK.00700"))
quote_ctx.close()

trd_ctx = OpenSecTradeContext(host=host, port=port)
print(
    trd_ctx.place_order(
        price=500.0,
        qty=100,
        code="HK.00700",
        trd_side=TrdSide.BUY,
        trd_env=TrdEnv.SIMULATE,
    )
)
trd_ctx.close()
