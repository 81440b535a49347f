/**
 * How long the page takes from navigation to the filled list, beside an empty page of the same framework, built and
 * served in the same way. The two take turns, each load with an empty cache, so that what else the machine does falls on
 * both alike.
 */
import type { Browser } from "playwright-core";
import { buildEmptyPage, servePage, type PageSite } from "./page-site";
import { openPage, until } from "./page-fixture";

export interface LoadTimes {
  /** Milliseconds, in order of measurement. */
  readonly page: readonly number[];
  readonly empty: readonly number[];
  /** Of the medians. */
  readonly ratio: number;
}

/** Notes when something first stands on the page, at the frame that shows it. */
const watch = (expression: string): string => `
  const look = () => {
    if (${expression}) window.filledAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;
const FILLED = `document.querySelectorAll("tbody tr").length >= 25 && document.body.textContent.includes("(1,0")`;
const EMPTY = `document.querySelector("h1") !== null`;

export const measureLoads = async (browser: Browser, rounds = 5): Promise<LoadTimes> => {
  const site = await servePage({ snapshots: 1000 });
  const emptySite = await servePage({}, buildEmptyPage());
  try {
    const page: number[] = [];
    const empty: number[] = [];
    // The first load of each warms up the servers and counts for nothing.
    for (let round = 0; round <= rounds; round++) {
      const times = [await loadOnce(browser, emptySite, EMPTY), await loadOnce(browser, site, FILLED)] as const;
      if (round === 0) continue;
      empty.push(times[0]);
      page.push(times[1]);
    }
    return { page, empty, ratio: median(page) / median(empty) };
  } finally {
    await Promise.all([site.close(), emptySite.close()]);
  }
};

const loadOnce = async (browser: Browser, site: PageSite, filled: string): Promise<number> => {
  const { page } = await openPage(browser, site, { fresh: true, script: watch(filled) });
  let filledAt: unknown = null;
  await until("the page is filled", async () => (filledAt = await page.evaluate("window.filledAt ?? null")) !== null);
  await page.context().close();
  return Number(filledAt);
};

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
