"""The whole Hong Kong market screened by every kind of filter, and looked at with snapshots."""

from sdk import api, quote_context, run


def kept(filter_type, field, **settings):
    made = filter_type()
    made.stock_field, made.is_no_filter = field, False
    for name, value in settings.items():
        setattr(made, name, value)
    return made


def story():
    price = kept(api.SimpleFilter, api.StockField.CUR_PRICE, filter_min=2.0, filter_max=9.0)
    change = kept(
        api.AccumulateFilter,
        api.StockField.CHANGE_RATE,
        days=10,
        filter_min=1.0,
        sort=api.SortDir.DESCEND,
    )
    returns = kept(
        api.FinancialFilter,
        api.StockField.RETURN_ON_EQUITY_RATE,
        filter_min=5.0,
        quarter=api.FinancialQuarter.ANNUAL,
    )
    above = api.CustomIndicatorFilter()
    above.ktype, above.is_no_filter = api.KLType.K_DAY, False
    above.stock_field1, above.stock_field2 = api.StockField.PRICE, api.StockField.MA
    above.stock_field2_para = [20]
    above.relative_position = api.RelativePosition.MORE
    with quote_context() as quotes:

        def screen(filters, begin=0, num=200):
            code, answer = quotes.get_stock_filter("HK", filters, begin=begin, num=num)
            if code != api.RET_OK:
                return {"refusal": answer}
            last, count, found = answer
            return {
                "last": last,
                "count": count,
                "rows": [
                    {"code": f.stock_code, "values": [_value(f[one]) for one in filters]}
                    for f in found
                ],
            }

        filters = [price, change, returns, above]
        pages = [screen(filters)]
        while not pages[-1]["last"]:
            pages.append(screen(filters, begin=sum(len(p["rows"]) for p in pages)))
        codes = [row["code"] for page in pages for row in page["rows"]]
        _, snapshots = quotes.get_market_snapshot(codes[:400])
        empty = kept(api.SimpleFilter, api.StockField.CUR_PRICE)
        return {
            "everything": screen([], num=1)["count"],
            "pages": pages,
            "eps": dict(zip(snapshots["code"], snapshots["earning_per_share"], strict=True)),
            "book": dict(zip(snapshots["code"], snapshots["net_asset_per_share"], strict=True)),
            "no_interval": screen([empty]),
            "too_many": screen([price], num=201),
        }


def _value(found):
    return list(found.values()) if isinstance(found, dict) else found


run(story)
