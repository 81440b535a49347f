/** A night on which no task is ever started: every backup fails with its reason before the next night, people are answered. */
import { NEW_ACCOUNT } from "./accounts";
import { expectSoundNight } from "./expectations";
import { fewFiles } from "./files";
import { figuresOf } from "./figures";
import { playNight } from "./played-night";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const ENVIRONMENTS = 40;

test("every backup fails for the reason that AWS gave, before the next night", async () => {
  const night = await playNight({
    ...NEW_ACCOUNT,
    seed: 1,
    environments: ENVIRONMENTS,
    files: fewFiles,
    failing: () => 1,
    traffic: { pauseSeconds: () => 30, everyBackup: 1_000_000 },
    limitHours: 23,
  });
  const figures = await figuresOf(night);
  expect(figures.failed).toBe(ENVIRONMENTS);
  for (const reason of Object.keys(figures.reasons))
    expect(reason).toMatch(/^For 20 hours the database task could not be started: /);
  expect(night.region.base.notifier.told.filter(({ subject }) => /failed/i.test(subject))).toHaveLength(ENVIRONMENTS);
  await expectSoundNight(night, figures);
}, 300_000);
