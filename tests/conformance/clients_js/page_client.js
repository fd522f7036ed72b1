// The story in a page; `drive_page.cjs` calls it.

import { tellDay } from "./day.js";
import { tell } from "./story.js";

globalThis.tellStory = (options) =>
  (options.day ? tellDay : tell)(options).catch((error) => ({ failed: String(error) }));
