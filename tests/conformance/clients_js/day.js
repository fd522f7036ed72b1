// The day of `matrix/observed_day.py` through the official JavaScript SDK, in Node and in a page.

import ftWebsocket from "futu-api";
import { HK_TRADE, PAPER, Pushes, TENCENT, buy, ftCmdID, hkPaperAccount, logIn } from "./story.js";

const SUB_TYPES = [1, 2, 4, 5, 11, 14];
const VOLUME_ONCE = { op: 1, type: 7, freq: 3, value: 10, note: "day" };
const UNADJUSTED = 0;
const DAY = 2;
const CANCEL = 2;
const SUBMITTED = 5;
const FILLED_ALL = 11;
const CANCELLED_ALL = 15;

const text = (long) => String(long);

const READERS = {
  [ftCmdID.Notify.cmd]: ["notify", (s2c) => [{ type: s2c.type }]],
  [ftCmdID.QotUpdateBasicQot.cmd]: [
    "quote",
    (s2c) => s2c.basicQotList.map((q) => ({ code: q.security.code, price: q.curPrice })),
  ],
  [ftCmdID.QotUpdateOrderBook.cmd]: [
    "order_book",
    (s2c) => [
      {
        code: s2c.security.code,
        asks: s2c.orderBookAskList.map((level) => level.price),
        bids: s2c.orderBookBidList.map((level) => level.price),
      },
    ],
  ],
  [ftCmdID.QotUpdateTicker.cmd]: [
    "ticker",
    (s2c) =>
      s2c.tickerList.map((t) => ({
        code: s2c.security.code,
        price: t.price,
        volume: Number(t.volume),
        sequence: text(t.sequence),
      })),
  ],
  [ftCmdID.QotUpdateRT.cmd]: [
    "rt",
    (s2c) => s2c.rtList.map((minute) => ({ code: s2c.security.code, price: minute.price })),
  ],
  [ftCmdID.QotUpdateBroker.cmd]: [
    "broker",
    (s2c) => [
      {
        code: s2c.security.code,
        bids: s2c.brokerBidList.length,
        asks: s2c.brokerAskList.length,
      },
    ],
  ],
  [ftCmdID.QotUpdateKL.cmd]: [
    "candle",
    (s2c) =>
      s2c.klList.map((bar) => ({
        code: s2c.security.code,
        open: bar.openPrice,
        high: bar.highPrice,
        low: bar.lowPrice,
        close: bar.closePrice,
      })),
  ],
  [ftCmdID.QotUpdatePriceReminder.cmd]: [
    "reminder",
    (s2c) => [{ code: s2c.security.code, note: s2c.note }],
  ],
  [ftCmdID.TrdUpdateOrder.cmd]: [
    "order",
    ({ order }) => [{ id: text(order.orderID), status: order.orderStatus }],
  ],
  [ftCmdID.TrdUpdateOrderFill.cmd]: [
    "fill",
    ({ orderFill }) => [
      { order: text(orderFill.orderID), price: orderFill.price, quantity: orderFill.qty },
    ],
  ],
};

function told(pushes) {
  const kinds = Object.fromEntries(Object.values(READERS).map(([kind]) => [kind, []]));
  for (const { cmd, s2c } of pushes.seen) {
    const [kind, read] = READERS[cmd];
    kinds[kind].push(...read(s2c));
  }
  return kinds;
}

async function snapshot(client) {
  const reply = await client.GetSecuritySnapshot({ c2s: { securityList: [TENCENT] } });
  const seen = reply.s2c.snapshotList[0].basic;
  return {
    code: seen.security.code,
    last: seen.curPrice,
    low: seen.lowPrice,
    high: seen.highPrice,
    lot: seen.lotSize,
  };
}

async function history(client) {
  const pages = [];
  let nextReqKey;
  do {
    const c2s = {
      rehabType: UNADJUSTED,
      klType: DAY,
      security: TENCENT,
      beginTime: "2025-06-02",
      endTime: "2025-12-31",
      maxAckKLNum: 100,
    };
    if (nextReqKey) c2s.nextReqKey = nextReqKey;
    const { s2c } = await client.RequestHistoryKL({ c2s });
    pages.push(
      s2c.klList.map((bar) => [
        bar.time.slice(0, 10),
        bar.openPrice,
        bar.highPrice,
        bar.lowPrice,
        bar.closePrice,
        Number(bar.volume),
      ]),
    );
    nextReqKey = s2c.nextReqKey && s2c.nextReqKey.length ? s2c.nextReqKey : undefined;
  } while (nextReqKey);
  return { pages };
}

async function watch(client, pushes) {
  await client.Sub({
    c2s: {
      securityList: [TENCENT],
      subTypeList: SUB_TYPES,
      isSubOrUnSub: true,
      isRegOrUnRegPush: true,
      isFirstPush: true,
    },
  });
  await client.SetPriceReminder({ c2s: { security: TENCENT, ...VOLUME_ONCE } });
  const least = { quote: 2, order_book: 3, ticker: 2, rt: 2, candle: 2, broker: 1 };
  const enough = () => {
    const seen = told(pushes);
    const wanted = { ...least, reminder: 1, notify: 1 };
    return Object.entries(wanted).every(([kind, count]) => seen[kind].length >= count);
  };
  await pushes.first("push of every kind", enough);
}

async function trade(client, pushes) {
  const account = await hkPaperAccount(client);
  const header = { trdEnv: PAPER, accID: account.accID, trdMarket: HK_TRADE };
  await client.SubAccPush({ c2s: { accIDList: [account.accID] } });
  const states = (id) =>
    told(pushes)
      .order.filter((push) => push.id === id)
      .map((push) => push.status);
  const latest = told(pushes).order_book.at(-1);

  const bought = text((await buy(client, header, 1, 100, latest.asks[2])).orderID);
  const isBought = () => states(bought).includes(FILLED_ALL) && told(pushes).fill.length > 0;
  await pushes.first("filled order", isBought);
  const placed = await buy(client, header, 2, 100, latest.bids[9]);
  const resting = text(placed.orderID);
  await pushes.first("resting order", () => states(resting).includes(SUBMITTED));
  const packetID = { connID: client.getConnID(), serialNo: 3 };
  await client.ModifyOrder({
    c2s: { packetID, header, orderID: placed.orderID, modifyOrderOp: CANCEL, qty: 0, price: 0 },
  });
  await pushes.first("cancelled order", () => states(resting).includes(CANCELLED_ALL));

  const filterConditions = { beginTime: "2026-01-15 00:00:00", endTime: "2026-01-16 00:00:00" };
  const orders = await client.GetHistoryOrderList({ c2s: { header, filterConditions } });
  const positions = await client.GetPositionList({ c2s: { header } });
  return {
    bought: { id: bought, states: states(bought) },
    cancelled: { id: resting, states: states(resting) },
    orders: orders.s2c.orderList.map((order) => ({
      id: text(order.orderID),
      status: order.orderStatus,
      filled: order.fillQty,
    })),
    position: Object.fromEntries(positions.s2c.positionList.map((p) => [p.code, p.qty])),
  };
}

/** The whole day; any refusal rejects. */
export async function tellDay(options) {
  const client = new ftWebsocket();
  const pushes = new Pushes(client);
  const login = await logIn(client, options);
  if (!login.ok) throw new Error(`login: ${login.error}`);
  const day = { snapshot: await snapshot(client), history: await history(client) };
  await watch(client, pushes);
  const traded = await trade(client, pushes);
  client.websock.close();
  return { ...day, ...traded, pushes: told(pushes), missing: {} };
}
