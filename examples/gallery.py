"""Draws docs/gallery/*.png from a running gateway through the official SDK.

python -m gateway -api_port=11111 &
python examples/gallery.py [port]        in an environment with futu-api and matplotlib
"""

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from futu import AuType, KLType, OpenQuoteContext, OptionType, SubType

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "gallery"
CODE = "HK.00700"


def answer(result):
    """The data of a reply; a refusal ends the program."""
    if result[0] != 0:
        sys.exit(f"refused: {result[1]}")
    return result[1]


def save(figure, name):
    """Write one chart."""
    figure.tight_layout()
    figure.savefig(FOLDER / f"{name}.png", dpi=80)
    plt.close(figure)
    print(f"drew {name}.png")


def day_of_minutes(quotes, start, end):
    """A finished day: closes and volumes."""
    bars = answer(quotes.request_history_kline(CODE, start, end, KLType.K_1M, max_count=400))
    figure, (price, volume) = plt.subplots(2, 1, figsize=(10, 6), height_ratios=(3, 1), sharex=True)
    price.plot(bars.index, bars["close"], linewidth=1)
    price.set_title(f"{CODE}, minutes of {bars['time_key'][0][:10]}")
    volume.bar(bars.index, bars["volume"], width=1)
    ticks = list(range(0, len(bars), 30))
    volume.set_xticks(ticks, [bars["time_key"][i][11:16] for i in ticks], rotation=45)
    save(figure, "minutes")


def year_of_days(quotes, start, end):
    """Day bars raw and adjusted, over a stock that pays well."""
    figure, axes = plt.subplots(figsize=(10, 5))
    for adjustment, label in ((AuType.NONE, "raw"), (AuType.QFQ, "adjusted forward")):
        bars = answer(
            quotes.request_history_kline("HK.00005", start, end, KLType.K_DAY, adjustment)
        )
        axes.plot(bars.index, bars["close"], linewidth=1, label=label)
    axes.set_title("HK.00005, days, dividends and all")
    axes.legend()
    save(figure, "days")


def order_book(quotes):
    """Ten levels on both sides."""
    answer(quotes.subscribe([CODE], [SubType.ORDER_BOOK], subscribe_push=False)[:2])
    book = answer(quotes.get_order_book(CODE))
    figure, axes = plt.subplots(figsize=(8, 5))
    for side, colour in (("Bid", "tab:green"), ("Ask", "tab:red")):
        levels = book[side]
        width = abs(levels[0][0] - levels[1][0]) * 0.8
        axes.bar([v[0] for v in levels], [v[1] for v in levels], width, color=colour, label=side)
    axes.set_title(f"{CODE}, order book")
    axes.legend()
    save(figure, "order_book")


def smile(quotes):
    """Implied volatility over strikes, one line an expiry."""
    expiries = answer(quotes.get_option_expiration_date("US.AAPL"))["strike_time"]
    figure, axes = plt.subplots(figsize=(9, 5))
    for day in list(expiries)[1:4]:
        chain = answer(quotes.get_option_chain("US.AAPL", start=day, end=day))
        calls = chain[chain["option_type"] == OptionType.CALL]
        shown = answer(quotes.get_market_snapshot(list(calls["code"])[:200]))
        axes.plot(
            shown["option_strike_price"], shown["option_implied_volatility"], marker=".", label=day
        )
    axes.set_title("US.AAPL, implied volatility of calls, %")
    axes.legend()
    save(figure, "smile")


def capital_flow(quotes):
    """Net inflow of the day so far."""
    flow = answer(quotes.get_capital_flow(CODE))
    figure, axes = plt.subplots(figsize=(9, 5))
    for column in ("in_flow", "super_in_flow", "big_in_flow", "mid_in_flow"):
        axes.plot(flow.index, flow[column], linewidth=1, label=column)
    axes.set_title(f"{CODE}, capital flow today")
    axes.legend()
    save(figure, "capital_flow")


def main():
    """Draw everything."""
    FOLDER.mkdir(exist_ok=True)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 11111
    quotes = OpenQuoteContext("127.0.0.1", port)
    try:
        day_of_minutes(quotes, "2026-11-18", "2026-11-18")
        year_of_days(quotes, "2025-11-20", "2026-11-20")
        order_book(quotes)
        smile(quotes)
        capital_flow(quotes)
    finally:
        quotes.close()


if __name__ == "__main__":
    main()
