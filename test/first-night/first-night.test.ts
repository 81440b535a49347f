/**
 * The first night of 200 environments in a new account: 10 functions and 6 vCPU at a time, nothing reserved, and half of
 * all launches fail for two hours.
 */
import { NEW_ACCOUNT } from "./accounts";
import { expectSoundNight } from "./expectations";
import { fewFiles } from "./files";
import { figuresOf } from "./figures";
import { playNight } from "./played-night";
import { seeds } from "./seeds";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const ENVIRONMENTS = 200;
const TWO_HOURS = 7200;
const WRONG_PASSWORD = 'The database refused the login "app"; put the right password into its secret.';
const BROKEN = ["app-007-production", "app-077-production", "app-177-production"];

test.each(seeds())(
  "ends with every backup that can be completed, completed; seed %i",
  async (seed) => {
    const night = await playNight({
      ...NEW_ACCOUNT,
      seed,
      environments: ENVIRONMENTS,
      files: fewFiles,
      failing: (seconds) => (seconds < TWO_HOURS ? 0.5 : 0),
      broken: (environmentId) => (BROKEN.includes(environmentId) ? WRONG_PASSWORD : undefined),
      limitHours: 36,
    });
    const figures = await figuresOf(night);
    expect(figures.reasons).toEqual({ [WRONG_PASSWORD]: BROKEN.length });
    expect(figures.completed).toBe(ENVIRONMENTS - BROKEN.length);
    // 200 dumps of six minutes and a start, three at a time, are less than eight hours; two were half lost.
    expect(figures.hours).toBeLessThan(12);
    await expectSoundNight(night, figures);
  },
  900_000,
);
