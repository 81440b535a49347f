/**
 * A night that is not left alone: someone uploads a backup and prepares a download, and executions are stopped by hand
 * while they hold places or wait for a task. The others get on, and whoever asks again gets a backup.
 */
import { requestArchive } from "../../lambda/archive/request-archive";
import { requestBackup } from "../../lambda/backup/request-backup";
import { completeUpload } from "../../lambda/upload/complete-upload";
import { createUpload } from "../../lambda/upload/create-upload";
import { TRANSFER_BUCKET } from "../support/collaborators";
import { EXECUTIONS } from "../support/definitions";
import { must } from "../support/must";
import { smallDump } from "../upload/dump-maker";
import { NEW_ACCOUNT } from "./accounts";
import { expectSoundNight } from "./expectations";
import { fewFiles } from "./files";
import { figuresOf } from "./figures";
import { attemptName, playNight, type PlayedNight } from "./played-night";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const ENVIRONMENTS = 40;
const ENDED =
  "The backup's workflow ended unexpectedly before the snapshot was complete; the next backup takes its place.";

const uploadTo = async ({ region }: PlayedNight, environmentId: string): Promise<string> => {
  const collaborators = region.collaborators();
  const body = smallDump();
  const wish = { environmentId, fileName: "db.backup", size: body.length, comment: "", createdBy: "a test" };
  const open = await createUpload(collaborators, wish);
  await region.base.store.uploadPart({ bucket: TRANSFER_BUCKET, key: open.key }, open.multipartId, 1, body);
  await completeUpload(collaborators, open);
  return open.snapshotId;
};

/** Looks every five seconds. */
const until = async <T>({ region }: PlayedNight, look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await region.clock.sleep(5);
  }
};

/** Environments whose nightly executions are stopped: one that holds places, one that waits for its task. */
const stopTwo = async (night: PlayedNight): Promise<readonly string[]> => {
  const { region, environments } = night;
  const arnOf = (environmentId: string): string => `${EXECUTIONS}backup:${attemptName(environmentId, 1)}`;
  const holding = await until(night, async () => {
    const { entries } = await region.base.catalog.getPlaces();
    return environments.find((id) =>
      entries.some(({ executionArn, places }) => places > 0 && executionArn === arnOf(id)),
    );
  });
  const waiting = await until(night, async () => {
    for (const environmentId of environments) {
      const lease = await region.base.catalog.getLease(environmentId);
      if (environmentId !== holding && lease?.purpose === "backup" && lease.taskArn === null) return environmentId;
    }
    return undefined;
  });
  for (const environmentId of [holding, waiting]) region.executions.stop(arnOf(environmentId));
  return [holding, waiting];
};

test("uploads, downloads and stopped executions: everything else is completed, and nothing is held", async () => {
  const asked: { environmentId: string; snapshotId: string }[] = [];
  let archiveId = "";
  let stopped: readonly string[] = [];
  const night = await playNight({
    ...NEW_ACCOUNT,
    seed: 3,
    environments: ENVIRONMENTS,
    files: fewFiles,
    failing: (seconds) => (seconds < 1800 ? 0.5 : 0),
    traffic: { pauseSeconds: () => 5, everyBackup: 300 },
    meanwhile: async (playing) => {
      const { region, environments } = playing;
      stopped = await stopTwo(playing);
      await region.clock.sleep(600);
      for (const environmentId of stopped) {
        const wish = { environmentId, createdBy: "a test", comment: "" };
        asked.push(await requestBackup(region.collaborators(), wish));
      }
      const environmentId = must(environments.find((id) => !stopped.includes(id)));
      asked.push({ environmentId, snapshotId: await uploadTo(playing, environmentId) });
      const done = await until(playing, async () =>
        (await playing.snapshots()).find(({ state }) => state === "completed"),
      );
      const wish = { ...done, dataType: "files_and_database", requestedBy: "a test" } as const;
      ({ archiveId } = await requestArchive(region.collaborators(), wish));
    },
    limitHours: 24,
  });
  const figures = await figuresOf(night);
  const { catalog } = night.region.base;
  expect(figures.reasons).toEqual({ [ENDED]: stopped.length });
  expect(figures.completed).toBe(ENVIRONMENTS - stopped.length);
  for (const { environmentId, snapshotId } of [...asked, ...night.traffic.asked])
    expect(await catalog.getSnapshot(environmentId, snapshotId)).toMatchObject({ state: "completed" });
  expect(await catalog.getArchive(archiveId)).toMatchObject({ state: "completed" });
  await expectSoundNight(night, figures);
}, 900_000);
