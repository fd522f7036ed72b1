// node drive_page.cjs CHROMIUM URL OPTIONS: open the page in a headless browser and tell the story.

const { chromium } = require("playwright-core");

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--no-first-run",
  "--ignore-certificate-errors", // the test's certificate is self-signed
];

async function main([executablePath, url, options]) {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const page = await browser.newPage();
    page.on("console", (message) => console.error("page:", message.text()));
    page.on("pageerror", (error) => console.error("page:", error.message));
    await page.goto(url);
    const observed = await page.evaluate((o) => globalThis.tellStory(o), JSON.parse(options));
    console.log(`\nOBSERVED ${JSON.stringify(observed)}`);
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
