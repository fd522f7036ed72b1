"""Rehab factors, and some years of finished day candles in all three adjustments."""

import datetime

from sdk import api, observe, options, quote_context, rows, run


def story():
    code = options.arguments[0]
    with quote_context() as quotes:
        snapshot = rows(observe(quotes.get_market_snapshot([code])))[0]
        today = datetime.date.fromisoformat(snapshot["update_time"][:10])
        days = datetime.timedelta
        span = {"start": str(today - days(days=1300)), "end": str(today - days(days=1))}

        def candles(autype):
            answer = quotes.request_history_kline(
                code, ktype="K_DAY", autype=autype, max_count=1000, **span
            )
            return observe(answer)

        return {
            "rehab": observe(quotes.get_rehab(code)),
            "none": candles(api.AuType.NONE),
            "forward": candles(api.AuType.QFQ),
            "backward": candles(api.AuType.HFQ),
        }


run(story)
