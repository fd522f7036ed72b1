"""Watch lists, price reminders with their push, capital flow, offerings, holders, code changes."""

import threading

from sdk import HK_STOCK, api, observe, quote_context, run

HIGH = 10_000_000


class Reminders(api.PriceReminderHandlerBase):
    def __init__(self):
        super().__init__()
        self.seen = []
        self.has_come = threading.Event()

    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        self.seen.append(data)
        self.has_come.set()
        return ret, data


def remind(quotes, op, **more):
    return observe(quotes.set_price_reminder(HK_STOCK, op, **more))


def reminder_story(quotes):
    handler = Reminders()
    quotes.set_handler(handler)
    add, kind, often = api.SetPriceReminderOp.ADD, api.PriceReminderType, api.PriceReminderFreq
    key = remind(
        quotes,
        add,
        reminder_type=kind.VOLUME_UP,
        reminder_freq=often.ONCE,
        value=10,
        note="now",
    )
    quiet = remind(quotes, add, reminder_type=kind.PRICE_UP, reminder_freq=often.ALWAYS, value=HIGH)
    handler.has_come.wait(30)
    listed = observe(quotes.get_price_reminder(code=HK_STOCK))
    remind(quotes, api.SetPriceReminderOp.DEL_ALL)
    return {
        "key": key,
        "quiet": quiet,
        "pushes": handler.seen,
        "listed": listed,
        "after_deletion": observe(quotes.get_price_reminder(market=api.Market.HK)),
    }


def group_story(quotes):
    add, move = api.ModifyUserSecurityOp.ADD, api.ModifyUserSecurityOp.MOVE_OUT
    return {
        "groups": observe(quotes.get_user_security_group()),
        "added": observe(quotes.modify_user_security("Empty", add, ["US.AAPL", "SH.600519"])),
        "moved": observe(quotes.modify_user_security("Empty", move, ["US.AAPL"])),
        "members": observe(quotes.get_user_security("Empty")),
        "all": observe(quotes.get_user_security("All")),
        "system": observe(quotes.modify_user_security("HK", add, [HK_STOCK])),
        "unknown": observe(quotes.get_user_security("Nowhere")),
    }


def story():
    with quote_context() as quotes:
        return {
            "reminders": reminder_story(quotes),
            "groups": group_story(quotes),
            "flow": observe(quotes.get_capital_flow(HK_STOCK)),
            "days": observe(quotes.get_capital_flow(HK_STOCK, api.PeriodType.DAY)),
            "distribution": observe(quotes.get_capital_distribution(HK_STOCK)),
            "offerings": {
                market: observe(quotes.get_ipo_list(market)) for market in ("HK", "US", "SH")
            },
            "holders": observe(
                quotes.get_holding_change_list("US.AAPL", api.StockHolder.INSTITUTE)
            ),
            "codes": observe(quotes.get_code_change()),
            "dividends": observe(quotes.get_corporate_actions_dividends("SH.600519")),
            "splits": observe(quotes.get_corporate_actions_stock_splits("US.JNJ", num=2)),
        }


run(story)
