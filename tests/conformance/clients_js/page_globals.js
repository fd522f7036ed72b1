// What the SDK and its libraries take for granted in Node and a page lacks.

import { Buffer } from "buffer";
import process from "process";

export { Buffer, process };
