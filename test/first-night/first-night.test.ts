/** A new account's quotas: 10 functions and 6 vCPU at a time, and nothing can be reserved. */
import { expectSoundNight } from "./expectations";
import { figuresOf } from "./figures";
import { playNight } from "./played-night";
import { seeds } from "./seeds";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const NEW_ACCOUNT = { concurrency: { quota: 10, reserved: {} }, fargate: { quota: 6, taskVcpu: 2 } };
const fewFiles = (random: () => number) =>
  Array.from({ length: 5 + Math.floor(25 * random()) }, (_, n) => ({ name: `file-${String(n).padStart(4, "0")}` }));
const TWO_HOURS = 7200;

describe("the first night of 200 environments in a new account", () => {
  test.each(seeds())(
    "two hours of failing launches are waited out; seed %i",
    async (seed) => {
      const started = Date.now();
      const night = await playNight({
        ...NEW_ACCOUNT,
        seed,
        environments: 200,
        files: fewFiles,
        failing: (seconds) => (seconds < TWO_HOURS ? 0.5 : 0),
        limitHours: 36,
      });
      const figures = await figuresOf(night);
      console.warn(Date.now() - started, process.memoryUsage().rss / 1e6);
      await expectSoundNight(night, figures);
      expect(figures.completed).toBe(200);
    },
    300_000,
  );
});
