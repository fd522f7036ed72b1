"""Every text that a client can read in a reply, in Chinese and English, with where we know it from.

`lang` of the configuration chooses the language ([I], supported by the pairs seen:).
A text whose other language was never seen is our own translation and marked [I].
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Language = Literal["chs", "en"]


class Text(NamedTuple):
    """One message in both languages; `{name}` marks what varies."""

    zh: str
    en: str
    source: str

    def render(self, language: Language, **values: object) -> str:
        """The text in `language` with its variables filled in."""
        return (self.en if language == "en" else self.zh).format(**values)


# --- protocol ---------------------------------------------------------------------------------

UNKNOWN_PROTOCOL: Final = Text("未知的协议ID", "Unknown protocol ID", "[O] zh, [I] en")
UNPARSABLE_BODY: Final = Text("解析protobuf协议失败", "Failed to parse protobuf protocol", "[O]")
WRONG_DIGEST: Final = Text(
    "包体SHA1签名不正确", "The packet body SHA1 signature is incorrect", "[O] en, [I] zh"
)
NOT_INITIALISED: Final = Text(
    "连接尚未初始化，请先调用InitConnect",
    "The connection is not initialized. Please call InitConnect first.",
    "[I]",
)
ALREADY_INITIALISED: Final = Text(
    "连接已经初始化", "The connection has already been initialized.", "[I]"
)
TOO_FREQUENT: Final = Text(
    "{zh_name}频率太高，请求失败，每30秒最多{requests}次。",
    "{en_name} request failed due to high frequency. Maximum {requests} times per 30 seconds.",
    "[O]",
)
TOO_SOON: Final = Text(
    "{zh_name}频率太高，请求失败，两次请求至少间隔{seconds}秒。",
    "{en_name} request failed due to high frequency. "
    "Two requests must be at least {seconds} seconds apart.",
    "[I]",
)
WRONG_WEBSOCKET_KEY: Final = Text("WebSocket密钥不正确", "Incorrect WebSocket key.", "[I]")
TRADING_NEEDS_RSA: Final = Text(
    "API监听地址不是本地，需配置RSA私钥(rsa_private_key)才能使用交易接口",
    "The API listens on an address that is not local. Trade interfaces need an RSA private key"
    " (rsa_private_key).",
    "[D] rule, [I] text",
)
SERVER_TIMED_OUT: Final = Text("NN_ProtoRet_TimeOut", "NN_ProtoRet_TimeOut", "[O]")
INTERNAL_ERROR: Final = Text("内部错误", "Internal error", "[I]")
MISSING_PARAMETER: Final = Text(
    "缺少必要的参数: {name}", "Missing necessary parameter: {name}", "[O] zh, [I] en"
)
INVALID_PARAMETER: Final = Text(
    "参数不合法: {name}={value}", "Invalid parameter: {name}={value}", "[I]"
)

# --- quotes -----------------------------------------------------------------------------------

UNKNOWN_STOCK: Final = Text("未知股票 {code}", "Unknown stock. {code}", "[O] en, [S] zh")
NOT_SUBSCRIBED: Final = Text(
    "请求获取{zh_name}接口前，请先订阅{data}数据",
    "Before calling the Get {en_name} interface, please subscribe to {data} data first.",
    "[O]",
)
SUBSCRIPTION_QUOTA_USED_UP: Final = Text(
    "订阅额度不足，订阅失败，已用订阅额度：{used}/{total}",
    "Insufficient subscription quota, subscription failed. Used subscription quota: {used}/{total}",
    "[O] zh, [I] en",
)
OPTION_QUOTA_USED_UP: Final = Text(
    "期权订阅额度不足，订阅失败，已用期权订阅额度：{used}/{total}",
    "Insufficient option subscription quota, subscription failed. "
    "Used option subscription quota: {used}/{total}",
    "[D] rule, [I] text after that of other securities",
)
TOO_MANY_FULL_BOOKS: Final = Text(
    "SF行情权限最多同时订阅{limit}只股票的摆盘",
    "At most {limit} securities' order books can be subscribed at once with SF quotes.",
    "[D] rule, [I] text",
)
UNSUBSCRIBED_TOO_EARLY: Final = Text(
    "{symbol}的{data}订阅时间过短，至少需要订阅1分钟",
    "The subscription time of {data} of {symbol} is too short. Subscribe for at least 1 minute.",
    "[O] zh, [I] en",
)
HISTORY_QUOTA_USED_UP: Final = Text(
    "历史K线额度不足，请求失败（已用正股额度：{used}/{total}，期权额度：{option_used}/{option_total}）。"
    "额度会在7天后全部释放。",
    "Insufficient historical candlestick quota. Request failed (used stock quota: {used}/{total}, "
    "option quota: {option_used}/{option_total}). The quota will be fully released after 7 days.",
    "[O] zh, [O] en in part, [I] the rest of en",
)
HISTORY_QUOTA_USED_UP_FOR_A_MONTH: Final = Text(
    "历史K线额度不足，请求失败。额度会滚动释放，直至30天后全部释放。",
    "Insufficient historical candlestick quota. Request failed. The quota will be released"
    " gradually and fully released after 30 days.",
    "[O] zh, [O] en in part, [I] the rest of en",
)
FILTER_WITHOUT_INTERVAL: Final = Text(
    "没有给需要筛选的字段进行区间赋值", "The filter field needs to set the range", "[O]"
)
FILTER_TOO_HEAVY: Final = Text(
    "业务处理超时没返回", "business processing timeout did not return", "[D]"
)
TOO_MANY_SECURITIES: Final = Text(
    "请求个数超过限制",
    "The number of securities exceeds the limit of {limit}.",
    "[O] zh, [I] en",
)
NO_QUOTE_RIGHT: Final = Text(
    "行情权限不足，无权限获取{symbol}的行情，请检查{zh_right}行情权限",
    "No permission to get quotes for {symbol}. Please check {en_right} quote permissions.",
    "[O] en, zh in part",
)
US_INDICES_UNSUPPORTED: Final = Text(
    "暂不支持美股指数", "US stock indices are not supported", "[O]"
)
INSUFFICIENT_QUOTE_RIGHT: Final = Text(
    "行情权限不足", "Insufficient quote permissions.", "[O] zh, [I] en"
)
UNSUPPORTED_SUBSCRIPTION: Final = Text(
    "不支持订阅{symbol}的{data}数据",
    "{symbol} does not support subscribing to {data} data.",
    "[I]",
)
NOTHING_TO_SUBSCRIBE: Final = Text(
    "股票列表或订阅类型为空", "The list of securities or of subscription types is empty.", "[I]"
)
NOT_SUBSCRIBED_FOR_PUSH: Final = Text(
    "请先订阅{symbol}的{data}数据，再注册推送",
    "Please subscribe to {data} of {symbol} before registering its push.",
    "[I]",
)
UNSUPPORTED_PERIOD: Final = Text(
    "{symbol}不支持该K线类型", "{symbol} does not support this candlestick type.", "[I]"
)
OPTION_CHAIN_TOO_LONG: Final = Text(
    "获取期权链接口，请求的时间跨度不能超过30天",
    "Get Option Chain: the time span cannot exceed 30 days.",
    "[O] zh, [I] en",
)
REVERSED_TIME_RANGE: Final = Text(
    "开始时间大于结束时间", "The start time is later than the end time.", "[I]"
)
INVALID_TIME: Final = Text("时间格式错误: {value}", "Invalid time format: {value}", "[I]")
INVALID_PAGE_KEY: Final = Text("分页请求key无效", "Invalid nextReqKey.", "[I]")
UNKNOWN_PLATE: Final = Text("未知板块 {code}", "Unknown plate. {code}", "[I]")

UNSUPPORTED_SECURITY: Final = Text(
    "{symbol}不支持该接口", "{symbol} is not supported by this interface.", "[I]"
)
UNSUPPORTED_MARKET: Final = Text("不支持该市场", "This market is not supported.", "[I]")

# --- personal ---------------------------------------------------------------------------------

UNKNOWN_WATCH_GROUP: Final = Text("未知自选股分组", "Unknown watchlist group.", "[O]")
SYSTEM_WATCH_GROUP: Final = Text("不支持系统分组", "The System grouping is not supported", "[O]")
WATCH_LIST_FULL: Final = Text(
    "自选股数量已达上限，最多{limit}只",
    "The watchlist holds at most {limit} securities.",
    "[D] rule, [I] text",
)
UNKNOWN_REMINDER: Final = Text("到价提醒{key}不存在", "Price reminder {key} does not exist.", "[I]")
TOO_MANY_REMINDERS: Final = Text(
    "每只股票每种类型最多可设置{limit}个到价提醒",
    "At most {limit} price reminders of each type can be set for a security.",
    "[P] rule, [I] text",
)
NOTE_TOO_LONG: Final = Text(
    "备注长度超过限制，最多{limit}个字符",
    "The note exceeds the limit of {limit} characters.",
    "[I]",
)

# --- trading ----------------------------------------------------------------------------------

UNKNOWN_ACCOUNT: Final = Text(
    "账户{account_id}不存在", "Nonexisting acc_id {account_id}.", "[I] after the SDK's own wording"
)
ACCOUNT_MARKET_MISMATCH: Final = Text(
    "账户{account_id}没有{market}市场的交易权限",
    "Account {account_id} has no trading permission for the {market} market.",
    "[I]",
)
WRONG_TRADE_PASSWORD: Final = Text("交易密码错误", "Incorrect trading password.", "[I]")
UNKNOWN_ORDER: Final = Text("订单{order}不存在", "Order {order} does not exist.", "[I]")
QUANTITY_INVALID: Final = Text("数量不合法", "Invalid quantity.", "[O] zh, [I] en")
ODD_LOT: Final = Text(
    "下单数量包含不足1手数量的碎股，每手{lot_size}股",
    "The quantity includes an odd lot. The lot size is {lot_size}.",
    "[O] zh in part, [I] en",
)
PRICE_INVALID: Final = Text("订单价格不合法", "Invalid order price.", "[I]")
PRICE_OFF_TICK: Final = Text(
    "订单价格不在价位上，此产品最小单位为 {tick}，请调整至最小单位的整数倍后再提交",
    "The order price is not on a valid tick. The minimum price increment is {tick}.",
    "[D] zh, [I] en",
)
PRICE_OUTSIDE_LIMITS: Final = Text(
    "报单价格不在涨跌停区间（{low} - {high}）",
    "The order price is not in the limit move range ({low} - {high}).",
    "[S]",
)
INSUFFICIENT_BUYING_POWER: Final = Text(
    "账户购买力不足", "Insufficient buying power.", "[O] zh, [I] en"
)
QUANTITY_ABOVE_MAXIMUM: Final = Text(
    "下单数量超过最大可用", "The order quantity exceeds the maximum available.", "[O] zh, [I] en"
)
LONG_SHORT_CONFLICT: Final = Text(
    "无法同时买多和卖空", "Cannot hold long and short positions at the same time.", "[O] zh, [I] en"
)
SIDE_NOT_SUPPORTED: Final = Text(
    "订单方向只能是买入或卖出。没有持仓时卖出即为卖空，空头持仓时买入即为平仓。",
    "Order side must be BUY or SELL. A SELL order without holdings will open a short position. "
    "A BUY order when short will close the short position.",
    "[O] en, [I] zh",
)
COMBO_SIDE_NOT_SUPPORTED: Final = Text(
    "订单方向只能是买入或卖出", "Order side must be BUY or SELL", "[O] en, [I] zh"
)
COMBO_INVALID: Final = Text("组合腿不合法", "Invalid combo legs.", "[I]")
PAPER_NO_COMBO: Final = Text(
    "模拟交易不支持组合下单", "Paper trading does not support combo orders", "[I]"
)
COMBO_NOT_SUPPORTED: Final = Text(
    "该账户不支持组合下单", "This account does not support combo orders.", "[I]"
)
ORDER_TYPE_NOT_SUPPORTED: Final = Text(
    "不支持的订单类型", "Unsupported order type.", "[D] zh, [I] en"
)
PAPER_ORDER_TYPE_NOT_SUPPORTED: Final = Text(
    "模拟交易不支持{name}订单", "Paper trading does not support {name} order", "[S] en, [I] zh"
)
PAPER_TIF_NOT_SUPPORTED: Final = Text(
    "模拟交易不支持GTC订单", "Paper trading does not support GTC orders", "[O] en, [I] zh"
)
PAPER_SESSION_NOT_SUPPORTED: Final = Text(
    "模拟交易不支持该交易时段",
    "Paper trading does not support this trading session.",
    "[D] rule, [I] text",
)
TIF_NOT_SUPPORTED: Final = Text(
    "该订单不支持此有效期", "The order does not support this time in force.", "[I]"
)
SESSION_NOT_SUPPORTED: Final = Text(
    "该产品不支持此交易时段", "The product does not support this trading session.", "[I]"
)
OPERATION_NOT_SUPPORTED: Final = Text(
    "不支持的订单操作，如需修改订单信息，请撤单后重新提交",
    "Unsupported order operation. To change the order, cancel it and submit it again.",
    "[D] zh, [I] en",
)
FUTURES_OPEN_WITH_LIMIT: Final = Text(
    "模拟期货市价单仅支持平仓",
    "Paper futures trading supports market orders for closing positions only.",
    "[D] rule, [I] text",
)
TRIGGER_INVALID: Final = Text("触发价格不合法", "Invalid trigger price.", "[I]")
EXPIRY_INVALID: Final = Text(
    "订单到期日不合法，最多90个自然日",
    "Invalid expiry date. It may lie at most 90 calendar days ahead.",
    "[P] rule, [I] text",
)
PRICE_TOO_FAR: Final = Text(
    "订单价格偏离对手价过多",
    "The order price is too far from the opposite price.",
    "[V] rule, [I] text",
)
PRICE_OUTSIDE_BAND: Final = Text(
    "该证券处于市场波动调节机制冷静期，报单价格须在 {low} - {high} 之内",
    "In the cooling-off period the order price must be in the range {low} - {high}.",
    "[I]",
)
PRICE_OUTSIDE_CAGE: Final = Text(
    "报单价格超出有效申报价格范围（{limit}）",
    "The order price is beyond the valid declaration range ({limit}).",
    "[I]",
)
SHORT_SALE_BELOW_MARKET: Final = Text(
    "卖空价格不能低于 {least}", "A short sale may not be priced below {least}.", "[I]"
)
NOT_UNLOCKED: Final = Text(
    "没有解锁交易，请先解锁交易",
    "Trading is locked. Please unlock trade first.",
    "[O] zh, [S] en",
)
PACKET_OF_ANOTHER_CONNECTION: Final = Text(
    "packetID中的connID与当前连接不符",
    "The connID of the packetID is not that of this connection.",
    "[I]",
)
PACKET_NUMBER_USED: Final = Text(
    "packetID中的serialNo {serial}已被使用",
    "The serialNo {serial} of the packetID was used before.",
    "[I]",
)
ABSOLUTE_LIMIT_CROSSED: Final = Text(
    "绝对限价订单无法以指定价格成交",
    "The absolute limit order cannot be filled at exactly its price.",
    "[P] rule, [I] text",
)
CURRENCY_MISSING: Final = Text(
    "综合账户必须指定货币种类", "A universal account needs a currency.", "[P] rule, [I] text"
)
REMARK_TOO_LONG: Final = Text(
    "备注长度超过限制，最多{limit}字节", "The remark exceeds the limit of {limit} bytes.", "[I]"
)
MARKET_ORDER_OUTSIDE_HOURS: Final = Text(
    "非盘中时段不允许市价单",
    "Market orders are not allowed outside regular trading hours.",
    "[S] zh, [I] en",
)
MARKET_NOT_AUTHORISED: Final = Text(
    "该账户不支持交易 {symbol}",
    "This account does not support trading {symbol}.",
    "[D] zh in part, [I]",
)
WOULD_BE_MARKED: Final = Text(
    "您即将被标记为日内交易者(PDT)，下单已被阻止。如需继续下单，请将OpenD启动参数pdt_protection设置为0",
    "The order might mark you as a Pattern Day Trader (PDT) and was not placed. "
    "To place it nevertheless, set the startup parameter pdt_protection of OpenD to 0.",
    "[D] rule and parameter, [I] text",
)
EQUITY_TOO_LOW_TO_OPEN: Final = Text(
    "您已被标记为日内交易者(PDT)，账户权益小于$25000，无法开仓",
    "You are marked as a Pattern Day Trader (PDT). "
    "New positions are not allowed until your equity is above $25000.",
    "[D] rule, [I] text",
)
BEYOND_DAY_TRADING_POWER: Final = Text(
    "当前开仓订单的市值大于您的剩余日内交易购买力，若您在今日平仓当前标的，您将会收到日内交易保证金追缴通知"
    "(Day-Trading Call)。如需继续下单，请将OpenD启动参数dtcall_confirmation设置为0",
    "The order exceeds your remaining day-trading buying power. If you close the position today, "
    "you will receive a Day-Trading Call. To place the order nevertheless, set the startup "
    "parameter dtcall_confirmation of OpenD to 0.",
    "[D] rule and parameter, [I] text",
)
ORDER_NOT_MODIFIABLE: Final = Text(
    "当前订单状态不支持此操作", "The order status does not allow this operation.", "[I]"
)
PAPER_OPERATION_NOT_SUPPORTED: Final = Text(
    "模拟交易不支持该改单操作",
    "Paper trading does not support this order operation.",
    "[D] rule, [I] text",
)
PAPER_NO_FILLS: Final = Text(
    "模拟交易不支持成交数据", "Paper trading does not support deal data.", "[O]"
)
PAPER_NO_FEES: Final = Text("暂时不支持模拟交易", "Paper trading is not supported.", "[O]")
PAPER_NO_CASH_FLOW: Final = Text(
    "模拟账户不支持查询现金流水",
    "Paper trading accounts do not support querying cash flow records.",
    "[O]",
)
PAPER_NO_MARGIN_RATIO: Final = Text(
    "模拟账户不支持", "Get Margin Trading Data does not support Stocks in {market} Market", "[O]"
)

# --- login ------------------------------------------------------------------------------------

LOGIN_FAILED: Final = Text(
    "登录失败,密码不匹配", "Login failed,Password does not match", "[O] en, zh in part"
)
DISCLAIMER_NOT_AGREED: Final = Text("未同意免责声明", "Disclaimer not agreed to", "[I]")
KICKED_OUT: Final = Text("帐号在别处登录", "The account has logged in elsewhere", "[P] zh, [I] en")
LOGIN_PASSWORD_CHANGED: Final = Text(
    "登录密码被修改", "The login password was changed", "[P] zh, [I] en"
)
TRADE_PASSWORD_CHANGED: Final = Text(
    "交易密码被修改", "The trading password was changed", "[P] zh, [I] en"
)
NEED_PICTURE_CODE: Final = Text(
    "需要图形验证码", "Need a picture verification code", "[O] zh, [I] en"
)
NEED_PHONE_CODE: Final = Text("需要手机验证码", "Need a phone verification code", "[O]")
DEVICE_LOCK_ENABLED: Final = Text("启用设备锁", "The device lock is on", "[P] zh, [I] en")
WRONG_PICTURE_CODE: Final = Text(
    "图形验证码错误", "Wrong picture verification code", "[O] zh, [I] en"
)
WRONG_PHONE_CODE: Final = Text("手机验证码错误", "Wrong phone verification code", "[I]")
PICTURE_CODE_NOT_NEEDED: Final = Text(
    "当前不需要图形验证码", "No picture verification code is needed", "[I]"
)
PHONE_CODE_NOT_NEEDED: Final = Text(
    "当前不需要手机验证码", "No phone verification code is needed", "[I]"
)
CODE_TOO_FREQUENT: Final = Text(
    "请求过于频繁，每{seconds}秒内最多请求{count}次",
    "Too frequent: at most {count} per {seconds} seconds",
    "[D] numbers, [I] text and that they hold for clients too",
)
PICTURE_NOT_WRITTEN: Final = Text(
    "请求图形验证码失败", "Picture verification code request failed", "[I]"
)

TRADING_HALTED: Final = Text("{symbol} 已停牌", "Trading in {symbol} is halted.", "[I]")
NO_PRICE_LIMIT: Final = Text(
    "{symbol} 所在市场没有每日涨跌停限制，请填写 percent 或 price",
    "The market of {symbol} has no daily price limit; say percent or price.",
    "[I]",
)
INVALID_EX_DATE: Final = Text(
    "{day} 不是 {symbol} 之后的交易日，或当日已有公司行动",
    "{day} is no later trading day of {symbol}, or has a corporate action already.",
    "[I]",
)
NOT_BENDABLE: Final = Text(
    "{symbol} 的价格由其标的决定", "The price of {symbol} follows from its underlying.", "[I]"
)

# --- money ------------------------------------------------------------------------------------

FEE_TITLES: Final = {
    "Commission": "佣金",
    "Platform Fee": "平台使用费",
    "Settlement Fee": "交收费",
    "Stamp Duty": "印花税",
    "Trading Fee": "交易费",
    "Trading System Fee": "交易系统使用费",
    "Trading Tariff": "交易收费",
    "SFC Levy": "证监会征费",
    "FRC Levy": "财汇局征费",
    "SEC Fee": "证监会规费",
    "Trading Activity Fee": "交易活动费",
    "ORF": "期权监管费",
    "OCC Fee": "期权清算费",
    "Handling Fee": "经手费",
    "Securities Management Fee": "证管费",
    "Transfer Fee": "过户费",
    "Exchange Fee": "交易所费用",
    "NFA Fee": "NFA规费",
}
"""The Chinese title of a fee by its English one. Source: [D] for the titles that it lists; [I] the rest."""

FLOW_DEPOSIT: Final = Text("入金", "Deposit", "[I]")
FLOW_TRADE: Final = Text(
    "买卖金融资产", "Buying/Selling Financial Assets", "[D] wording, [I] value"
)
FLOW_FEE: Final = Text("交易费用", "Trading Fees", "[I]")
FLOW_SETTLEMENT: Final = Text("期货结算盈亏", "Futures Settlement", "[I]")
FLOW_DIVIDEND: Final = Text("股息", "Dividend", "[I]")
FLOW_WITHDRAWAL: Final = Text("出金", "Withdrawal", "[I]")
FLOW_FRACTION: Final = Text("碎股款项", "Cash in Lieu of Fractions", "[I]")
FLOW_RIGHTS: Final = Text("供股权款项", "Sale of Rights", "[I]")
FLOW_EXERCISE: Final = Text("行权交收", "Exercise Settlement", "[I]")
