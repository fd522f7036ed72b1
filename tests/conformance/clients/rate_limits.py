"""One request more than a window holds, for snapshots, orders and refreshed order lists."""

import time

from sdk import HK_STOCK, SIMULATE, api, observe, quote_context, run, trade_context

PATIENCE_S = 20


def passes_again(ask):
    """Keep asking until the window has slid on."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if observe(ask())["ret"] == api.RET_OK:
            return True
        time.sleep(0.1)
    return False


def story():
    with quote_context() as first, quote_context() as second, trade_context() as trader:
        order = {"price": 1.0, "qty": 100, "code": HK_STOCK, "trd_side": api.TrdSide.BUY}

        def snapshot(context=first):
            return context.get_market_snapshot([HK_STOCK])

        def unknown_order():
            return trader.place_order(**{**order, "code": "HK.99999"}, trd_env=SIMULATE)

        def order_list(refresh=True):
            return trader.order_list_query(trd_env=SIMULATE, refresh_cache=refresh)

        return {
            "snapshots": [observe(snapshot()) for _ in range(61)],
            "other_connection": observe(snapshot(second)),
            "snapshot_again": passes_again(snapshot),
            "orders": [observe(unknown_order()) for _ in range(16)],
            "order_lists": [observe(order_list()) for _ in range(11)],
            "cached_order_list": observe(order_list(refresh=False)),
        }


run(story)
