"""Snapshots, static information, market state, trading days, plates, global state."""

from sdk import api, observe, quote_context, rows, run

CODES = ["HK.00700", "HK.02800", "HK.800000", "HK.HSImain", "US.AAPL", "SH.600519", "SZ.000001"]


def story():
    with quote_context() as quotes:
        days = quotes.request_trading_days(api.Market.HK, "2026-01-01", "2026-01-31")
        plates = observe(quotes.get_plate_list(api.Market.HK, api.Plate.ALL))
        plate = rows(plates)[0]["code"]
        return {
            "snapshots": observe(quotes.get_market_snapshot(CODES)),
            "static": observe(quotes.get_stock_basicinfo(api.Market.HK, api.SecurityType.STOCK)),
            "named": observe(
                quotes.get_stock_basicinfo(
                    api.Market.US, api.SecurityType.STOCK, ["US.AAPL", "US.MSFT"]
                )
            ),
            "states": observe(quotes.get_market_state(CODES)),
            "trading_days": observe(days),
            "global_state": observe(quotes.get_global_state()),
            "plates": plates,
            "plate": plate,
            "members": observe(quotes.get_plate_stock(plate)),
            "owner_plates": observe(quotes.get_owner_plate(["HK.00700"])),
            "unknown": observe(quotes.get_market_snapshot(["HK.00700", "HK.99999"])),
        }


run(story)
