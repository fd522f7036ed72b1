// The story in a page; `drive_page.cjs` calls it.

import { tell } from "./story.js";

globalThis.tellStory = (options) => tell(options).catch((error) => ({ failed: String(error) }));
