// The client in a page of headless Chromium, before the real edge. The page comes from another
// origin than the API, as an app's does, so every call is one of CORS.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { startChaos } from "./chaos.ts";
import { SCENARIOS } from "./scenarios.ts";
import { setting, stageAt } from "./stage.ts";

/** What one scenario may take in the page, Retry-After and timeouts included. */
const SCENARIO_MS = 60_000;

const bundle = await build({
  entryPoints: [new URL("page.ts", import.meta.url).pathname],
  bundle: true,
  format: "iife",
  platform: "browser",
  write: false,
});
const script = bundle.outputFiles[0]?.text ?? "";
const pages = createServer((_, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end("<!doctype html><title>An app</title>");
});
await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
const { port } = pages.address() as AddressInfo;
const chaos = await startChaos(setting("HEADGATE_URL"));
const browser = await puppeteer.launch({
  executablePath: setting("CHROME_BIN"),
  // Chromium refuses its sandbox to root, which containers run as; the page is ours.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
after(async () => {
  await browser.close();
  await chaos.close();
  pages.closeAllConnections();
  pages.close();
});

const page = await browser.newPage();
page.setDefaultTimeout(SCENARIO_MS);
await page.goto(`http://127.0.0.1:${port}/`);
await page.addScriptTag({ content: script });

for (const name of Object.keys(SCENARIOS)) {
  test(name, { timeout: SCENARIO_MS }, async () => {
    const stage = stageAt(chaos.url);
    const failure = await page.evaluate((name, stage) => window.play(name, stage), name, stage);
    assert.equal(failure, undefined);
  });
}
