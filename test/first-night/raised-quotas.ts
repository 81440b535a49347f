/** The first night under quotas that have been raised: it ends the sooner, and nothing else is different. */
import type { Account } from "./accounts";
import { expectSoundNight } from "./expectations";
import { fewFiles } from "./files";
import { figuresOf } from "./figures";
import { playNight } from "./played-night";

const ENVIRONMENTS = 100;
const TWO_HOURS = 7200;

export const expectCompletedUnder = async (account: Account, hours: number): Promise<void> => {
  const night = await playNight({
    ...account,
    seed: 2,
    environments: ENVIRONMENTS,
    files: fewFiles,
    failing: (seconds) => (seconds < TWO_HOURS ? 0.5 : 0),
    traffic: { pauseSeconds: () => 5, everyBackup: 500 },
    limitHours: 24,
  });
  const figures = await figuresOf(night);
  expect(figures.completed).toBe(ENVIRONMENTS);
  expect(figures.hours).toBeLessThan(hours);
  if (account.concurrency.reserved.api !== undefined) expect(figures.api.throttled).toBe(0);
  await expectSoundNight(night, figures);
};
