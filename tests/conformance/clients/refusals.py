"""Everything that must be refused, with the text each refusal carries."""

import time

from sdk import HK_STOCK, SIMULATE, api, observe, quote_context, rows, run, trade_context

# Orders need 0.02 s between them, changes 0.04 s.
SPACING_S = 0.05


def story():
    with quote_context() as quotes, trade_context() as trader:
        snapshot = rows(observe(quotes.get_market_snapshot([HK_STOCK])))[0]
        lot, spread = int(snapshot["lot_size"]), snapshot["price_spread"]
        price = round(snapshot["bid_price"] - 10 * spread, 3)
        good = {
            "price": price,
            "qty": lot,
            "code": HK_STOCK,
            "trd_side": api.TrdSide.BUY,
            "trd_env": SIMULATE,
        }
        bad = {
            "odd_lot": {"qty": lot + 1},
            "zero_quantity": {"qty": 0},
            "off_tick": {"price": round(price + spread / 2, 4)},
            "zero_price": {"price": 0},
            "buying_power": {"qty": lot * int(2_000_000 / (price * lot))},
            "too_large": {"qty": 3_001 * lot},
            "unknown_code": {"code": "HK.99999"},
            "sell_short": {"trd_side": api.TrdSide.SELL_SHORT},
            "nothing_to_sell": {"code": "HK.00005", "qty": 400, "trd_side": api.TrdSide.SELL},
            "stop_limit": {"order_type": api.OrderType.STOP_LIMIT, "aux_price": price},
            "good_till_cancel": {"time_in_force": api.TimeInForce.GTC},
            "other_market": {"code": "US.AAPL", "qty": 1},
        }
        seen = {}
        for name, part in bad.items():
            time.sleep(SPACING_S)
            seen[name] = observe(trader.place_order(**{**good, **part}))
        change = {"qty": lot, "price": price, "trd_env": SIMULATE}
        op = api.ModifyOrderOp
        seen["modify_unknown_order"] = observe(
            trader.modify_order(op.NORMAL, order_id="123456789", **change)
        )
        time.sleep(SPACING_S)
        seen["cancel_unknown_order"] = observe(
            trader.modify_order(op.CANCEL, order_id="123456789", **change)
        )
        seen["fills"] = observe(trader.deal_list_query(trd_env=SIMULATE))
        seen["unknown_snapshot"] = observe(quotes.get_market_snapshot(["HK.99999"]))
        seen["unknown_subscription"] = observe(quotes.subscribe(["HK.99999"], ["QUOTE"]))
        seen["not_subscribed"] = observe(quotes.get_stock_quote([HK_STOCK]))
        return {
            "refused": seen,
            "orders": observe(trader.order_list_query(trd_env=SIMULATE)),
            "funds": observe(trader.accinfo_query(trd_env=SIMULATE)),
            "alive": observe(quotes.get_market_snapshot([HK_STOCK])),
        }


run(story)
