// node node_client.cjs '{"host": …, "port": …, "ssl": …, "key": …}': the story in Node, or the day.

import { WebSocket } from "ws";
import { tellDay } from "./day.js";
import { tell } from "./story.js";

globalThis.WebSocket = WebSocket; // the SDK expects the browser's

const options = JSON.parse(process.argv[2]);

(options.day ? tellDay : tell)(options).then(
  (observed) => {
    process.stdout.write(`\nOBSERVED ${JSON.stringify(observed)}\n`, () => process.exit(0));
  },
  (error) => {
    console.error("the story ended early:", error);
    process.exit(1);
  },
);
