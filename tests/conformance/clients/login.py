"""Log OpenD in with the codes it asks for, then meet the limits of two quote rights."""

from sdk import HK_STOCK, Pushes, api, observe, quote_context, run

PICTURE, PHONE = api.VerificationType.PICTURE, api.VerificationType.PHONE
REQUEST, ENTER = api.VerificationOp.REQUEST, api.VerificationOp.INPUT_AND_LOGIN

# Statuses, links, rights and quotas of a whole login.
NOTICES = 8


def story():
    with quote_context() as quotes:
        pushes = Pushes(quotes, "notify")
        verified, statuses = {}, [status(quotes)]
        for name, *code in (
            ("request", PICTURE, REQUEST),
            ("wrong", PICTURE, ENTER, "0000"),
            ("picture", PICTURE, ENTER, "9071"),
            ("phone", PHONE, ENTER, "123456"),
        ):
            verified[name] = observe(quotes.verification(*code))
            statuses.append(status(quotes))
        pushes.wait_for_count(5, notify=NOTICES)
        return {
            "verified": verified,
            "statuses": statuses,
            "notices": pushes.seen["notify"],
            "queue": observe(quotes.subscribe([HK_STOCK], [api.SubType.BROKER])),
            "book": observe(quotes.subscribe([HK_STOCK], [api.SubType.ORDER_BOOK])),
            "levels": len(quotes.get_order_book(HK_STOCK, num=10)[1]["Bid"]),
            "american": observe(quotes.subscribe(["US.AAPL"], [api.SubType.QUOTE])),
            "snapshot": observe(quotes.get_market_snapshot(["US.AAPL"])),
        }


def status(quotes):
    return observe(quotes.get_global_state())["value"]["program_status_type"]


run(story)
