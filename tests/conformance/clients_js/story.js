// One web client's day through the official SDK: log in, look, subscribe, trade on paper.
// Runs unchanged in Node and in a page; returns what it has observed as plain JSON values.

import * as sdk from "futu-api";
import protoRoot from "futu-api/proto";

const ftWebsocket = sdk.default;
/** The commands; each edition has a name of its own for them. */
export const ftCmdID = Object.entries(sdk).find(([name]) => name.endsWith("CmdID"))[1];

const HK_SECURITY = 1;
export const TENCENT = { market: HK_SECURITY, code: "00700" };
const SUB_BASIC = 1;
const SUB_ORDER_BOOK = 2;
const SUB_TICKER = 4;
export const PAPER = 0;
export const HK_TRADE = 1;
const BUY = 1;
const LIMIT_ORDER = 1;
const FILLED_ALL = 11;
const TEST_CMD = 1008;
const WAIT_MS = 15000;

const plain = (message) => JSON.parse(JSON.stringify(message));

function within(promise, what) {
  const late = new Promise((_, reject) => setTimeout(() => reject(`no ${what}`), WAIT_MS));
  return Promise.race([promise, late]);
}

export class Pushes {
  constructor(client) {
    this.seen = [];
    this.waiting = [];
    client.onPush = (cmd, response) => this.take({ cmd, s2c: response.s2c });
  }

  take(push) {
    this.seen.push(push);
    this.waiting = this.waiting.filter(({ fits, resolve }) => !fits(push) || void resolve(push));
  }

  first(what, fits) {
    const found = this.seen.find(fits);
    const later = new Promise((resolve) => this.waiting.push({ fits, resolve }));
    return found ? Promise.resolve(found) : within(later, what);
  }

  of(cmd) {
    return this.first(`push ${cmd.name}`, (push) => push.cmd === cmd.cmd);
  }
}

/** Connect; resolves with the arguments of `onlogin`. */
export function logIn(client, { host, port, ssl, key }) {
  const loggedIn = new Promise((resolve) => {
    client.onlogin = (ok, message) => resolve({ ok, error: ok ? 0 : message });
  });
  client.start(host, port, ssl, key);
  return within(loggedIn, "login");
}

async function watch(client, pushes) {
  const subscribed = await client.Sub({
    c2s: {
      securityList: [TENCENT],
      subTypeList: [SUB_BASIC, SUB_ORDER_BOOK, SUB_TICKER],
      isSubOrUnSub: true,
      isRegOrUnRegPush: true,
      isFirstPush: true,
    },
  });
  const quote = await pushes.of(ftCmdID.QotUpdateBasicQot);
  const book = await pushes.of(ftCmdID.QotUpdateOrderBook);
  const ticker = await pushes.of(ftCmdID.QotUpdateTicker);
  return plain({ subscribed, quote: quote.s2c, book: book.s2c, ticker: ticker.s2c });
}

/** The paper account for Hong Kong shares. */
export async function hkPaperAccount(client) {
  const accounts = (await client.GetAccList({ c2s: { userID: 0 } })).s2c.accList;
  return accounts.find((a) => a.trdEnv === PAPER && a.trdMarketAuthList.includes(HK_TRADE));
}

/** Place a limit order; resolves with the reply's content. */
export async function buy(client, header, serialNo, qty, price) {
  const packetID = { connID: client.getConnID(), serialNo };
  const security = { code: TENCENT.code, secMarket: HK_SECURITY };
  const order = { trdSide: BUY, orderType: LIMIT_ORDER, ...security, qty, price };
  return (await client.PlaceOrder({ c2s: { packetID, header, ...order } })).s2c;
}

async function trade(client, pushes, snapshot) {
  const account = await hkPaperAccount(client);
  const header = { trdEnv: PAPER, accID: account.accID, trdMarket: HK_TRADE };
  await client.SubAccPush({ c2s: { accIDList: [account.accID] } });
  const { lotSize, askPrice, priceSpread } = snapshot.basic;
  const placed = await buy(client, header, 1, lotSize, askPrice + 2 * priceSpread);
  const isDone = ({ cmd, s2c }) =>
    cmd === ftCmdID.TrdUpdateOrder.cmd && s2c.order.orderStatus === FILLED_ALL;
  const filled = await pushes.first("filled order", isDone);
  const positions = await client.GetPositionList({ c2s: { header } });
  return plain({ placed, filled: filled.s2c.order, positions: positions.s2c });
}

/** An operations command: the SDK has no method for it, but sends any bytes under any id. */
async function command(client, cmd, paramStr) {
  const request = protoRoot.lookup("TestCmd.Request");
  const bytes = request.encode(request.create({ c2s: { cmd, paramStr } })).finish();
  const { buff } = await client.websock.sendBuff(TEST_CMD, bytes);
  return plain(protoRoot.lookup("TestCmd.Response").decode(new Uint8Array(buff)).s2c);
}

/** The whole day; a refused login is an observation, too. */
export async function tell(options) {
  const client = new ftWebsocket();
  const pushes = new Pushes(client);
  const login = await logIn(client, options);
  if (!login.ok) return { login };
  const state = plain(await client.GetGlobalState({ c2s: { userID: 0 } }));
  const watched = await watch(client, pushes);
  const snapshots = await client.GetSecuritySnapshot({ c2s: { securityList: [TENCENT] } });
  const snapshot = snapshots.s2c.snapshotList[0];
  const traded = await trade(client, pushes, snapshot);
  const help = await command(client, "help", "-cmd=exit");
  const shown = await command(client, "show_sub_info", "");
  const connID = String(client.getConnID());
  client.websock.close();
  return { login, connID, state, watched, snapshot: plain(snapshot), traded, help, shown };
}
