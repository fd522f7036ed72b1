"""The two-moving-average strategy: long while the fast average is not below the slow one.

Each time a new one-minute candle opens, the strategy compares the averages of the finished
candles, reads its position, and opens one lot at the best ask or closes it at the best bid.

    python examples/moving_average_strategy.py --max-bars 10

Without --max-bars and --seconds it runs until it is interrupted.
"""

import argparse
import os
import threading

from futu import *

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--host", default=os.environ.get("OPEND_HOST", "127.0.0.1"))
parser.add_argument("--port", type=int, default=int(os.environ.get("OPEND_PORT", "11111")))
parser.add_argument("--code", default="HK.00700")
parser.add_argument("--max-bars", type=int, default=0, help="stop after so many new candles")
parser.add_argument("--seconds", type=float, default=None, help="stop after so many seconds")
options = parser.parse_args()

# ---- settings ----------------------------------------------------------------------------

TRADING_ENVIRONMENT = TrdEnv.SIMULATE
TRADING_MARKET = TrdMarket.HK  # selects the accounts that may trade there
TRADING_PWD = "123456"  # noqa: S105 - the documented sample, only for the real environment
TRADING_PERIOD = KLType.K_1M  # the candles that give the signal
TRADING_SECURITY = options.code
FAST_MOVING_AVERAGE = 1
SLOW_MOVING_AVERAGE = 3

finished = threading.Event()

quote_context = OpenQuoteContext(host=options.host, port=options.port)
trade_context = OpenSecTradeContext(
    filter_trdmarket=TRADING_MARKET, host=options.host, port=options.port
)


# ---- questions to the gateway ------------------------------------------------------------


def unlock_trade():
    """Unlock trading where that is needed; say whether trading may go on."""
    if TRADING_ENVIRONMENT == TrdEnv.REAL:
        ret, data = trade_context.unlock_trade(TRADING_PWD)
        if ret != RET_OK:
            print("unlocking failed:", data)
            return False
        print("unlocked")
    return True


def is_normal_trading_time(code):
    """Say whether the market of this security is in continuous trading."""
    ret, data = quote_context.get_market_state([code])
    if ret != RET_OK:
        print("no market state:", data)
        return False
    if data["market_state"][0] in (
        MarketState.MORNING,  # Hong Kong and mainland shares
        MarketState.AFTERNOON,  # the same, and the whole day of US shares
        MarketState.FUTURE_DAY_OPEN,  # futures in Hong Kong, Singapore, Japan
        MarketState.FUTURE_OPEN,  # US futures
        MarketState.FUTURE_BREAK_OVER,  # US futures after their break
        MarketState.NIGHT_OPEN,  # night session of futures
    ):
        return True
    print("outside continuous trading")
    return False


def get_holding_position(code):
    """Return how much of this security the account holds, or None without an answer."""
    ret, data = trade_context.position_list_query(code=code, trd_env=TRADING_ENVIRONMENT)
    if ret != RET_OK:
        print("no positions:", data)
        return None
    holding_position = sum(data["qty"].values.tolist())
    print(f"[position] {TRADING_SECURITY}: {holding_position}")
    return holding_position


def calculate_bull_bear(code, fast_param, slow_param):
    """Return 1 if the fast average is not below the slow one, -1 if it is, 0 if unknown."""
    if fast_param <= 0 or slow_param <= 0:
        return 0
    if fast_param > slow_param:
        return calculate_bull_bear(code, slow_param, fast_param)
    ret, data = quote_context.get_cur_kline(code=code, num=slow_param + 1, ktype=TRADING_PERIOD)
    if ret != RET_OK:
        print("no candles:", data)
        return 0
    closes = data["close"].values.tolist()[::-1]  # newest first; [0] is still growing
    if len(closes) <= slow_param:
        return 0
    fast_value = sum(closes[1 : fast_param + 1]) / fast_param
    slow_value = sum(closes[1 : slow_param + 1]) / slow_param
    return 1 if fast_value >= slow_value else -1


def get_ask_and_bid(code):
    """Return the best ask and bid, or two Nones without an answer."""
    ret, data = quote_context.get_order_book(code, num=1)
    if ret != RET_OK:
        print("no order book:", data)
        return None, None
    return data["Ask"][0][0], data["Bid"][0][0]


def calculate_quantity():
    """Trade the smallest quantity: one board lot."""
    ret, data = quote_context.get_market_snapshot([TRADING_SECURITY])
    if ret != RET_OK:
        print("no snapshot:", data)
        return 0
    return data["lot_size"][0]


def is_valid_quantity(code, quantity, price):
    """Say whether the buying power allows this quantity (negative: a sale)."""
    ret, data = trade_context.acctradinginfo_query(
        order_type=OrderType.NORMAL, code=code, price=price, trd_env=TRADING_ENVIRONMENT
    )
    if ret != RET_OK:
        print("no maximum quantities:", data)
        return False
    if quantity > 0:
        return quantity < data["max_cash_buy"][0]
    if quantity < 0:
        return abs(quantity) < data["max_sell_short"][0]
    return False


# ---- orders ------------------------------------------------------------------------------


def open_position(code):
    """Buy one lot at the best ask."""
    ask, _ = get_ask_and_bid(code)
    open_quantity = calculate_quantity()
    if not is_valid_quantity(TRADING_SECURITY, open_quantity, ask):
        print("more than the account can buy")
        return
    ret, data = trade_context.place_order(
        price=ask,
        qty=open_quantity,
        code=code,
        trd_side=TrdSide.BUY,
        order_type=OrderType.NORMAL,
        trd_env=TRADING_ENVIRONMENT,
        remark="moving_average_strategy",
    )
    if ret != RET_OK:
        print("opening failed:", data)


def close_position(code, quantity):
    """Sell the whole position at the best bid."""
    _, bid = get_ask_and_bid(code)
    if quantity == 0:
        print("nothing to close")
        return False
    ret, data = trade_context.place_order(
        price=bid,
        qty=quantity,
        code=code,
        trd_side=TrdSide.SELL,
        order_type=OrderType.NORMAL,
        trd_env=TRADING_ENVIRONMENT,
        remark="moving_average_strategy",
    )
    if ret != RET_OK:
        print("closing failed:", data)
        return False
    return True


def show_order_status(data):
    """Print one pushed order."""
    names = {"code": "code", "price": "price", "trd_side": "side", "qty": "quantity"}
    print("[order]", data["order_status"][0], {name: data[key][0] for key, name in names.items()})


# ---- the strategy ------------------------------------------------------------------------


def on_init():
    """Run once at the start."""
    if not unlock_trade():
        return False
    print("************ strategy running ************")
    return True


def on_tick():
    """Run at each trade of the security; this strategy only looks at candles."""


def on_bar_open():
    """Run when a new candle opens: compare the averages and act on the result."""
    print("*****************************************")
    if not is_normal_trading_time(TRADING_SECURITY):
        return
    bull_or_bear = calculate_bull_bear(TRADING_SECURITY, FAST_MOVING_AVERAGE, SLOW_MOVING_AVERAGE)
    holding_position = get_holding_position(TRADING_SECURITY)
    if holding_position == 0:
        if bull_or_bear == 1:
            print("[signal] up: open a position")
            open_position(TRADING_SECURITY)
        else:
            print("[signal] down: stay out")
    elif holding_position is not None and holding_position > 0:
        if bull_or_bear == -1:
            print("[signal] down: close the position")
            close_position(TRADING_SECURITY, holding_position)
        else:
            print("[signal] up: keep the position")


def on_fill(data):
    """Run at each fill; paper accounts do not push fills."""


def on_order_status(data):
    """Run when the state of an order changes."""
    if data["code"][0] == TRADING_SECURITY:
        show_order_status(data)


# ---- from pushes to the functions above --------------------------------------------------


class OnTickClass(TickerHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        on_tick()


class OnBarClass(CurKlineHandlerBase):
    last_time = None
    bars_seen = 0

    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret != RET_OK:
            return
        cur_time = data["time_key"][0]
        if cur_time == self.last_time or data["k_type"][0] != TRADING_PERIOD:
            return
        if self.last_time is not None and not finished.is_set():
            on_bar_open()
            self.bars_seen += 1
            if options.max_bars and self.bars_seen >= options.max_bars:
                finished.set()
        self.last_time = cur_time


class OnOrderClass(TradeOrderHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret == RET_OK:
            on_order_status(data)


class OnFillClass(TradeDealHandlerBase):
    def on_recv_rsp(self, rsp_pb):
        ret, data = super().on_recv_rsp(rsp_pb)
        if ret == RET_OK:
            on_fill(data)


def run():
    """Subscribe and wait for the end."""
    quote_context.set_handler(OnTickClass())
    candle_handler = OnBarClass()
    quote_context.set_handler(candle_handler)
    trade_context.set_handler(OnOrderClass())
    trade_context.set_handler(OnFillClass())
    ret, data = quote_context.subscribe(
        code_list=[TRADING_SECURITY],
        subtype_list=[SubType.TICKER, SubType.ORDER_BOOK, TRADING_PERIOD],
    )
    if ret != RET_OK:
        print("subscribing failed:", data)
        return
    finished.wait(options.seconds)
    if options.max_bars or options.seconds:
        print(f"************ stopped after {candle_handler.bars_seen} candles ************")


if __name__ == "__main__":
    try:
        if on_init():
            run()
        else:
            print("the strategy could not start")
    finally:
        quote_context.close()
        trade_context.close()
