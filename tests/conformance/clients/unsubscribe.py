"""The one-minute rule, on a gateway whose clock runs as many times faster as the argument says."""

import time

from sdk import HK_STOCK, Pushes, observe, options, quote_context, run


def story():
    minute_s = 60 / float(options.arguments[0])
    with quote_context() as quotes:
        pushes = Pushes(quotes, "quote")
        subscribed = observe(quotes.subscribe([HK_STOCK], ["QUOTE", "TICKER"]))
        at_once = observe(quotes.unsubscribe([HK_STOCK], ["QUOTE"]))
        still = observe(quotes.query_subscription())
        time.sleep(minute_s + 0.2)
        later = observe(quotes.unsubscribe([HK_STOCK], ["QUOTE"]))
        time.sleep(0.2)
        count = pushes.counts()["quote"]
        after = observe(quotes.query_subscription())
        getter = observe(quotes.get_stock_quote([HK_STOCK]))
        time.sleep(1)
        return {
            "subscribed": subscribed,
            "at_once": at_once,
            "still": still,
            "later": later,
            "after": after,
            "getter": getter,
            "pushes": [count, pushes.counts()["quote"]],
            "all": observe(quotes.unsubscribe_all()),
            "end": observe(quotes.query_subscription()),
        }


run(story)
