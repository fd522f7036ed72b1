// The day through the official Java SDK: java Day <host> <port> <output> [<RSA key file>]
// What it writes is described in tests/conformance/matrix/observed_day.py.

import com.futu.openapi.*;
import com.futu.openapi.pb.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.*;
import java.util.stream.*;

public class Day implements FTSPI_Conn, FTSPI_Qot, FTSPI_Trd {
  static final int PAPER = TrdCommon.TrdEnv.TrdEnv_Simulate_VALUE;
  static final int HK = TrdCommon.TrdMarket.TrdMarket_HK_VALUE;
  static final int FILLED = TrdCommon.OrderStatus.OrderStatus_Filled_All_VALUE;
  static final int SUBMITTED = TrdCommon.OrderStatus.OrderStatus_Submitted_VALUE;
  static final int CANCELLED = TrdCommon.OrderStatus.OrderStatus_Cancelled_All_VALUE;
  static final QotCommon.Security TENCENT =
      QotCommon.Security.newBuilder()
          .setMarket(QotCommon.QotMarket.QotMarket_HK_Security_VALUE)
          .setCode("00700")
          .build();
  static final long WAIT_S = 20;

  final FTAPI_Conn_Qot quotes = new FTAPI_Conn_Qot();
  final FTAPI_Conn_Trd trades = new FTAPI_Conn_Trd();
  final CountDownLatch connected = new CountDownLatch(2);
  final Map<String, CompletableFuture<Object>> replies = new ConcurrentHashMap<>();
  final Map<String, List<String>> pushes = new TreeMap<>();
  final Map<String, List<Integer>> states = new HashMap<>();
  volatile QotUpdateOrderBook.S2C book;
  volatile String failure;

  public static void main(String[] arguments) throws Exception {
    FTAPI.init();
    Day day = new Day();
    String document = day.tell(arguments);
    Files.writeString(Path.of(arguments[2]), document);
    System.exit(0);
  }

  String tell(String[] arguments) throws Exception {
    boolean encrypted = arguments.length > 3;
    for (FTAPI_Conn connection : List.of(quotes, trades)) {
      connection.setClientInfo("day", 1);
      connection.setConnSpi(this);
      if (encrypted) connection.setRSAPrivateKey(Files.readString(Path.of(arguments[3])));
    }
    quotes.setQotSpi(this);
    trades.setTrdSpi(this);
    int port = Integer.parseInt(arguments[1]);
    quotes.initConnect(arguments[0], port, encrypted);
    trades.initConnect(arguments[0], port, encrypted);
    if (!connected.await(WAIT_S, TimeUnit.SECONDS)) throw new TimeoutException("connect " + failure);
    String snapshot = snapshot();
    String history = history();
    watch();
    String traded = trade();
    String told;
    synchronized (this) {
      told = entries(pushes, list -> "[" + String.join(",", list) + "]");
    }
    String runtime = "Java " + System.getProperty("java.version");
    return "{\"runtime\":" + text(runtime) + ",\"missing\":{},\"snapshot\":" + snapshot
        + ",\"history\":" + history + ",\"pushes\":" + told + "," + traded + "}";
  }

  String snapshot() throws Exception {
    QotGetSecuritySnapshot.Response response =
        ask(quotes, quotes.getSecuritySnapshot(
            QotGetSecuritySnapshot.Request.newBuilder()
                .setC2S(QotGetSecuritySnapshot.C2S.newBuilder().addSecurityList(TENCENT))
                .build()));
    QotGetSecuritySnapshot.SnapshotBasicData seen = response.getS2C().getSnapshotList(0).getBasic();
    return object("code", text(seen.getSecurity().getCode()), "last", seen.getCurPrice(),
        "low", seen.getLowPrice(), "high", seen.getHighPrice(), "lot", seen.getLotSize());
  }

  String history() throws Exception {
    List<String> pages = new ArrayList<>();
    QotRequestHistoryKL.C2S.Builder asked =
        QotRequestHistoryKL.C2S.newBuilder()
            .setRehabType(QotCommon.RehabType.RehabType_None_VALUE)
            .setKlType(QotCommon.KLType.KLType_Day_VALUE)
            .setSecurity(TENCENT)
            .setBeginTime("2025-06-02")
            .setEndTime("2025-12-31")
            .setMaxAckKLNum(100);
    QotRequestHistoryKL.S2C page;
    do {
      QotRequestHistoryKL.Response response = ask(quotes,
          quotes.requestHistoryKL(QotRequestHistoryKL.Request.newBuilder().setC2S(asked).build()));
      page = response.getS2C();
      pages.add(page.getKlListList().stream()
          .map(k -> "[" + text(k.getTime().substring(0, 10)) + "," + k.getOpenPrice() + ","
              + k.getHighPrice() + "," + k.getLowPrice() + "," + k.getClosePrice() + ","
              + k.getVolume() + "]")
          .collect(Collectors.joining(",", "[", "]")));
      asked.setNextReqKey(page.getNextReqKey());
    } while (page.hasNextReqKey());
    return "{\"pages\":[" + String.join(",", pages) + "]}";
  }

  void watch() throws Exception {
    QotSub.C2S.Builder asked =
        QotSub.C2S.newBuilder()
            .addSecurityList(TENCENT)
            .setIsSubOrUnSub(true)
            .setIsRegOrUnRegPush(true)
            .setIsFirstPush(true);
    for (QotCommon.SubType type : List.of(
        QotCommon.SubType.SubType_Basic, QotCommon.SubType.SubType_OrderBook,
        QotCommon.SubType.SubType_Ticker, QotCommon.SubType.SubType_RT,
        QotCommon.SubType.SubType_Broker, QotCommon.SubType.SubType_KL_1Min)) {
      asked.addSubTypeList(type.getNumber());
    }
    QotSub.Response subscribed = ask(quotes, quotes.sub(QotSub.Request.newBuilder().setC2S(asked).build()));
    if (subscribed.getRetType() != 0) throw new IllegalStateException(subscribed.getRetMsg());
    QotSetPriceReminder.Response reminded = ask(quotes, quotes.setPriceReminder(
        QotSetPriceReminder.Request.newBuilder()
            .setC2S(QotSetPriceReminder.C2S.newBuilder()
                .setSecurity(TENCENT)
                .setOp(QotSetPriceReminder.SetPriceReminderOp.SetPriceReminderOp_Add_VALUE)
                .setType(QotCommon.PriceReminderType.PriceReminderType_VolumeUp_VALUE)
                .setFreq(QotCommon.PriceReminderFreq.PriceReminderFreq_OnlyOnce_VALUE)
                .setValue(10)
                .setNote("day"))
            .build()));
    if (reminded.getRetType() != 0) throw new IllegalStateException(reminded.getRetMsg());
    for (String kind : List.of("quote", "order_book", "ticker", "rt", "candle")) await(() -> count(kind) >= 3);
    for (String kind : List.of("broker", "reminder", "notify")) await(() -> count(kind) >= 1);
  }

  String trade() throws Exception {
    TrdGetAccList.Response accounts = ask(trades, trades.getAccList(
        TrdGetAccList.Request.newBuilder()
            .setC2S(TrdGetAccList.C2S.newBuilder().setUserID(0))
            .build()));
    TrdCommon.TrdAcc account = accounts.getS2C().getAccListList().stream()
        .filter(a -> a.getTrdEnv() == PAPER && a.getTrdMarketAuthListList().contains(HK))
        .findFirst()
        .orElseThrow();
    TrdCommon.TrdHeader header = TrdCommon.TrdHeader.newBuilder()
        .setTrdEnv(PAPER)
        .setAccID(account.getAccID())
        .setTrdMarket(HK)
        .build();
    TrdSubAccPush.Response subscribed = ask(trades, trades.subAccPush(
        TrdSubAccPush.Request.newBuilder()
            .setC2S(TrdSubAccPush.C2S.newBuilder().addAccIDList(account.getAccID()))
            .build()));
    if (subscribed.getRetType() != 0) throw new IllegalStateException(subscribed.getRetMsg());

    String bought = place(header, book.getOrderBookAskList(2).getPrice());
    await(() -> has(bought, FILLED) && count("fill") >= 1);
    String resting = place(header, book.getOrderBookBidList(9).getPrice());
    await(() -> has(resting, SUBMITTED));
    TrdModifyOrder.Response cancelled = ask(trades, trades.modifyOrder(
        TrdModifyOrder.Request.newBuilder()
            .setC2S(TrdModifyOrder.C2S.newBuilder()
                .setPacketID(trades.nextPacketID())
                .setHeader(header)
                .setOrderID(Long.parseUnsignedLong(resting))
                .setModifyOrderOp(TrdCommon.ModifyOrderOp.ModifyOrderOp_Cancel_VALUE))
            .build()));
    if (cancelled.getRetType() != 0) throw new IllegalStateException(cancelled.getRetMsg());
    await(() -> has(resting, CANCELLED));
    TrdGetPositionList.Response positions = ask(trades, trades.getPositionList(
        TrdGetPositionList.Request.newBuilder()
            .setC2S(TrdGetPositionList.C2S.newBuilder().setHeader(header))
            .build()));
    String held = positions.getS2C().getPositionListList().stream()
        .map(p -> text(p.getCode()) + ":" + p.getQty())
        .collect(Collectors.joining(",", "{", "}"));
    return "\"bought\":" + order(bought) + ",\"cancelled\":" + order(resting)
        + ",\"orders\":" + orders(header) + ",\"position\":" + held;
  }

  String orders(TrdCommon.TrdHeader header) throws Exception {
    TrdGetHistoryOrderList.Response listed = ask(trades, trades.getHistoryOrderList(
        TrdGetHistoryOrderList.Request.newBuilder()
            .setC2S(TrdGetHistoryOrderList.C2S.newBuilder()
                .setHeader(header)
                .setFilterConditions(TrdCommon.TrdFilterConditions.newBuilder()
                    .setBeginTime("2026-01-15 00:00:00")
                    .setEndTime("2026-01-16 00:00:00")))
            .build()));
    return listed.getS2C().getOrderListList().stream()
        .map(o -> object("id", text(Long.toUnsignedString(o.getOrderID())),
            "status", o.getOrderStatus(), "filled", o.getFillQty()))
        .collect(Collectors.joining(",", "[", "]"));
  }

  String place(TrdCommon.TrdHeader header, double price) throws Exception {
    TrdPlaceOrder.Response placed = ask(trades, trades.placeOrder(
        TrdPlaceOrder.Request.newBuilder()
            .setC2S(TrdPlaceOrder.C2S.newBuilder()
                .setPacketID(trades.nextPacketID())
                .setHeader(header)
                .setTrdSide(TrdCommon.TrdSide.TrdSide_Buy_VALUE)
                .setOrderType(TrdCommon.OrderType.OrderType_Normal_VALUE)
                .setSecMarket(TrdCommon.TrdSecMarket.TrdSecMarket_HK_VALUE)
                .setCode("00700")
                .setQty(100)
                .setPrice(price))
            .build()));
    if (placed.getRetType() != 0) throw new IllegalStateException(placed.getRetMsg());
    return Long.toUnsignedString(placed.getS2C().getOrderID());
  }

  // Replies are known by connection and serial number; whichever comes first makes the promise.

  CompletableFuture<Object> promise(FTAPI_Conn connection, int serial) {
    String key = (connection == quotes ? "q" : "t") + serial;
    return replies.computeIfAbsent(key, unused -> new CompletableFuture<>());
  }

  @SuppressWarnings("unchecked")
  <T> T ask(FTAPI_Conn connection, int serial) throws Exception {
    return (T) promise(connection, serial).get(WAIT_S, TimeUnit.SECONDS);
  }

  synchronized void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
    while (!condition.getAsBoolean() && System.nanoTime() < end) wait(200);
  }

  synchronized int count(String kind) {
    return pushes.getOrDefault(kind, List.of()).size();
  }

  synchronized boolean has(String order, int state) {
    return states.getOrDefault(order, List.of()).contains(state);
  }

  synchronized String order(String id) {
    return object("id", text(id), "states", states.getOrDefault(id, List.of()).toString());
  }

  synchronized void push(String kind, String push) {
    pushes.computeIfAbsent(kind, unused -> new ArrayList<>()).add(push);
    notifyAll();
  }

  static String text(String value) {
    return "\"" + value + "\"";
  }

  static String object(Object... pairs) {
    StringJoiner joined = new StringJoiner(",", "{", "}");
    for (int i = 0; i < pairs.length; i += 2) joined.add(text((String) pairs[i]) + ":" + pairs[i + 1]);
    return joined.toString();
  }

  static <T> String entries(Map<String, T> map, Function<T, String> write) {
    return map.entrySet().stream()
        .map(entry -> text(entry.getKey()) + ":" + write.apply(entry.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  static String prices(List<QotCommon.OrderBook> side) {
    return side.stream()
        .map(level -> String.valueOf(level.getPrice()))
        .collect(Collectors.joining(",", "[", "]"));
  }

  @Override
  public void onInitConnect(FTAPI_Conn connection, long error, String description) {
    if (error == 0) connected.countDown();
    else failure = error + " " + description;
  }

  @Override
  public void onReply_GetSecuritySnapshot(
      FTAPI_Conn connection, int serial, QotGetSecuritySnapshot.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_RequestHistoryKL(
      FTAPI_Conn connection, int serial, QotRequestHistoryKL.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_Sub(FTAPI_Conn connection, int serial, QotSub.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_SetPriceReminder(
      FTAPI_Conn connection, int serial, QotSetPriceReminder.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_GetAccList(FTAPI_Conn connection, int serial, TrdGetAccList.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_SubAccPush(FTAPI_Conn connection, int serial, TrdSubAccPush.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_PlaceOrder(FTAPI_Conn connection, int serial, TrdPlaceOrder.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_ModifyOrder(FTAPI_Conn connection, int serial, TrdModifyOrder.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_GetPositionList(
      FTAPI_Conn connection, int serial, TrdGetPositionList.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onReply_GetHistoryOrderList(
      FTAPI_Conn connection, int serial, TrdGetHistoryOrderList.Response response) {
    promise(connection, serial).complete(response);
  }

  @Override
  public void onPush_Notify(FTAPI_Conn connection, Notify.Response response) {
    push("notify", object("type", response.getS2C().getType()));
  }

  @Override
  public void onPush_UpdateBasicQuote(FTAPI_Conn connection, QotUpdateBasicQot.Response response) {
    for (QotCommon.BasicQot quote : response.getS2C().getBasicQotListList()) {
      push("quote", object("code", text(quote.getSecurity().getCode()), "price", quote.getCurPrice()));
    }
  }

  @Override
  public void onPush_UpdateOrderBook(FTAPI_Conn connection, QotUpdateOrderBook.Response response) {
    book = response.getS2C();
    push("order_book", object("code", text(book.getSecurity().getCode()),
        "asks", prices(book.getOrderBookAskListList()), "bids", prices(book.getOrderBookBidListList())));
  }

  @Override
  public void onPush_UpdateTicker(FTAPI_Conn connection, QotUpdateTicker.Response response) {
    for (QotCommon.Ticker trade : response.getS2C().getTickerListList()) {
      push("ticker", object("code", text(response.getS2C().getSecurity().getCode()),
          "price", trade.getPrice(), "volume", trade.getVolume(), "sequence", trade.getSequence()));
    }
  }

  @Override
  public void onPush_UpdateRT(FTAPI_Conn connection, QotUpdateRT.Response response) {
    for (QotCommon.TimeShare minute : response.getS2C().getRtListList()) {
      push("rt", object("code", text(response.getS2C().getSecurity().getCode()), "price", minute.getPrice()));
    }
  }

  @Override
  public void onPush_UpdateBroker(FTAPI_Conn connection, QotUpdateBroker.Response response) {
    push("broker", object("code", text(response.getS2C().getSecurity().getCode()),
        "bids", response.getS2C().getBrokerBidListCount(), "asks", response.getS2C().getBrokerAskListCount()));
  }

  @Override
  public void onPush_UpdateKL(FTAPI_Conn connection, QotUpdateKL.Response response) {
    for (QotCommon.KLine bar : response.getS2C().getKlListList()) {
      push("candle", object("code", text(response.getS2C().getSecurity().getCode()),
          "open", bar.getOpenPrice(), "high", bar.getHighPrice(), "low", bar.getLowPrice(),
          "close", bar.getClosePrice()));
    }
  }

  @Override
  public void onPush_UpdatePriceReminder(FTAPI_Conn connection, QotUpdatePriceReminder.Response response) {
    push("reminder", object("code", text(response.getS2C().getSecurity().getCode()),
        "note", text(response.getS2C().getNote())));
  }

  @Override
  public void onPush_UpdateOrder(FTAPI_Conn connection, TrdUpdateOrder.Response response) {
    TrdCommon.Order order = response.getS2C().getOrder();
    String id = Long.toUnsignedString(order.getOrderID());
    synchronized (this) {
      states.computeIfAbsent(id, unused -> new ArrayList<>()).add(order.getOrderStatus());
    }
    push("order", object("id", text(id), "status", order.getOrderStatus()));
  }

  @Override
  public void onPush_UpdateOrderFill(FTAPI_Conn connection, TrdUpdateOrderFill.Response response) {
    TrdCommon.OrderFill fill = response.getS2C().getOrderFill();
    push("fill", object("order", text(Long.toUnsignedString(fill.getOrderID())),
        "price", fill.getPrice(), "quantity", fill.getQty()));
  }
}
