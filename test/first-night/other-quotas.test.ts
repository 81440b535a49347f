/** The same night under quotas that have been raised: it ends the sooner, and nothing else is different. */
import { OLD_ACCOUNT, USED_ACCOUNT, type Account } from "./accounts";
import { expectSoundNight } from "./expectations";
import { fewFiles } from "./files";
import { figuresOf } from "./figures";
import { playNight } from "./played-night";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const ENVIRONMENTS = 100;
const TWO_HOURS = 7200;

test.each<[string, Account, number]>([
  ["50 functions and 16 vCPU", USED_ACCOUNT, 5],
  ["1,000 functions, 100 of them for the API, and 128 vCPU", OLD_ACCOUNT, 4],
])(
  "%s",
  async (_, account, hours) => {
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
  },
  300_000,
);
