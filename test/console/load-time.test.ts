/** The list of 1,000 backups fills within three times what an empty page of the same framework takes. */
import { launchBrowser } from "./browser";
import { measureLoads } from "./load-time";

/** What else the machine does can only make it slower: the best of a few tries counts. */
const TRIES = 3;
const LIMIT = 3;

test("from navigation to the filled list, in the median of five loads", async () => {
  const browser = await launchBrowser();
  try {
    const ratios: number[] = [];
    while (ratios.length < TRIES && !ratios.some((ratio) => ratio <= LIMIT)) {
      ratios.push((await measureLoads(browser)).ratio);
    }
    expect(Math.min(...ratios)).toBeLessThanOrEqual(LIMIT);
  } finally {
    await browser.close();
  }
}, 120_000);
