/** Debian's Chromium, driven by Playwright; every launch has a profile of its own. */
import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
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

export const launchBrowser = async (): Promise<Browser> => {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `The page's tests need Chromium at ${CHROMIUM}: apt-get install -y chromium, or set CHROMIUM to where it is.`,
    );
  }
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
};
