"""History candles: pages of several sizes, the same range twice, minutes against days."""

import datetime

from sdk import api, observe, options, quote_context, rows, run

FIELDS = [api.KL_FIELD.ALL]


def pages(quotes, code, size, **request):
    """Fetch a whole range in pages of `size`; each page as observed."""
    seen, key = [], None
    while True:
        answer = quotes.request_history_kline(
            code,
            autype=api.AuType.NONE,
            fields=FIELDS,
            max_count=size,
            page_req_key=key,
            **request,
        )
        seen.append(observe(answer))
        key = answer[2]
        if answer[0] != api.RET_OK or key is None or len(seen) > 200:
            return seen


def story():
    code = options.arguments[0]
    with quote_context() as quotes:
        snapshot = rows(observe(quotes.get_market_snapshot([code])))[0]
        today = datetime.date.fromisoformat(snapshot["update_time"][:10])
        year = {"start": str(today - datetime.timedelta(days=365)), "end": str(today)}
        week = {"start": str(today - datetime.timedelta(days=8))}
        week["end"] = str(today - datetime.timedelta(days=1))
        daily = {"ktype": "K_DAY", **year}
        minute = {"ktype": "K_1M", **week}
        return {
            "today": str(today),
            "days_by_1000": pages(quotes, code, 1000, **daily),
            "days_by_37": pages(quotes, code, 37, **daily),
            "minutes_by_1000": pages(quotes, code, 1000, **minute),
            "minutes_by_333": pages(quotes, code, 333, **minute),
            "week_of_days": pages(quotes, code, 1000, ktype="K_DAY", **week),
            "weeks": pages(quotes, code, 1000, ktype="K_WEEK", **year),
        }


run(story)
