// node node_client.cjs '{"host": …, "port": …, "ssl": …, "key": …}': the story in Node.

import { WebSocket } from "ws";
import { tell } from "./story.js";

globalThis.WebSocket = WebSocket; // the SDK expects the browser's

tell(JSON.parse(process.argv[2])).then(
  (observed) => {
    process.stdout.write(`\nOBSERVED ${JSON.stringify(observed)}\n`, () => process.exit(0));
  },
  (error) => {
    console.error("the story ended early:", error);
    process.exit(1);
  },
);
