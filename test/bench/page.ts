/** The page's list of 1,000 backups fills within three times what an empty page of the same framework takes. */
import { launchBrowser } from "../console/browser";
import { measureLoads, median } from "../console/load-time";

const LIMIT = 3;

const main = async (): Promise<void> => {
  const browser = await launchBrowser();
  try {
    const { page, empty, ratio } = await measureLoads(browser);
    const inMs = (numbers: readonly number[]): string =>
      `${Math.round(median(numbers))} ms (${numbers.map(Math.round).join(", ")})`;
    process.stdout.write(
      `Page: 1,000 backups listed in ${inMs(page)}, an empty page in ${inMs(empty)}: ${ratio.toFixed(2)} times (limit ${LIMIT}).\n`,
    );
    if (ratio > LIMIT) process.exitCode = 1;
  } finally {
    await browser.close();
  }
};

void main();
