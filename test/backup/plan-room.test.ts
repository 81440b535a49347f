/** A plan that no item of the catalog has room for is refused in one sentence, before anything is packed. */
import { fakeCollaborators } from "../support/collaborators";
import { environmentItem } from "./environment-fixture";
import { ENVIRONMENT, playNight } from "./night";

const NIGHT = "2026-12-05";
/** Each file a shard of its own: a packer's 20 GB. */
const listed = (count: number, keyLength: number) =>
  Array.from({ length: count }, (_, n) => ({ key: String(n).padStart(keyLength, "0"), size: 20e9 }));

const played = async (count: number, keyLength: number) => {
  const c = fakeCollaborators({ now: new Date(`${NIGHT}T00:10:00Z`) });
  await c.catalog.createEnvironment(environmentItem());
  const packed: string[] = [];
  const night = await playNight(c, NIGHT, {
    listed: listed(count, keyLength),
    before: (step) => {
      packed.push(step);
      if (step === "pack") throw new Error("planned");
    },
  });
  return { night, steps: packed };
};

test.each([
  ["the longest keys of S3", 400, 1024, "400"],
  ["file ids, in more shards than the map takes", 10_001, 5, "10,001"],
  ["file ids, in more than the catalog takes", 5_000, 36, "5,000"],
])("%s", async (_what, count, keyLength, said) => {
  const { night, steps } = await played(count, keyLength);
  expect(steps).toEqual(["dump", "plan"]);
  expect(night).toMatchObject({
    outcome: "failed",
    failed: { nextAttempt: null, sealed: false },
    error: {
      name: "TooManyFiles",
      message: `The files of environment ${ENVIRONMENT} come to ${said} shards, and a backup's plan has no room for them: register the environment with fewer files, or divide it.`,
    },
  });
});

test("what 60 TB of files with ids come to has room", async () => {
  const { steps } = await played(3_000, 36);
  expect(steps).toEqual(["dump", "plan", "pack"]);
});
