// node node_reconnect.cjs '{…, "telnetPort": …}': an operator closes the connection; the SDK comes back.

import { connect } from "node:net";
import { WebSocket } from "ws";
import ftWebsocket from "futu-api";

globalThis.WebSocket = WebSocket;
const options = JSON.parse(process.argv[2]);
const client = new ftWebsocket();
const ids = [];

client.onlogin = async (ok) => {
  ids.push(String(client.getConnID()));
  if (!ok) process.exit(1);
  if (ids.length === 1) {
    connect(options.telnetPort, options.host).end(`close_api_conn -conn_id=${ids[0]}\r\n`);
    return;
  }
  const state = await client.GetGlobalState({ c2s: { userID: 0 } });
  const observed = { ids, retType: state.retType };
  process.stdout.write(`\nOBSERVED ${JSON.stringify(observed)}\n`, () => process.exit(0));
};
client.start(options.host, options.port, false, null);
setTimeout(() => process.exit(1), 20000);
