/** Environments with many shards in a new account: their packers leave room for others, and for the API. */
import { NEW_ACCOUNT } from "./accounts";
import { expectSoundNight } from "./expectations";
import { manyShards } from "./files";
import { figuresOf } from "./figures";
import { playNight } from "./played-night";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const ENVIRONMENTS = 20;

test("20 environments of 30 shards: all completed, the API answered", async () => {
  const night = await playNight({
    ...NEW_ACCOUNT,
    seed: 1,
    environments: ENVIRONMENTS,
    files: manyShards(30),
    failing: () => 0,
    traffic: { pauseSeconds: () => 5, everyBackup: 1_000_000 },
    limitHours: 36,
  });
  const figures = await figuresOf(night);
  expect(figures.completed).toBe(ENVIRONMENTS);
  await expectSoundNight(night, figures);
}, 300_000);
