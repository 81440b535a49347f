/** Debian's Chromium, driven by Playwright; every launch has a profile of its own. */
import { chromium, type Browser } from "playwright-core";
import { testProgram } from "../support/test-programs";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: testProgram("chromium"), args: FLAGS });
