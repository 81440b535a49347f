/** The archive workflow's own definition, run with the real steps and the real database task. */
import { dumpOf } from "../../lambda/snapshot/manifest";
import { archiveStep } from "../../lambda/archive/archive.handler";
import { build } from "../../lambda/archive/build-archive";
import { archiveInput, archiveOutput } from "../../lambda/archive/contract";
import type { TaskContext } from "../../lambda/database-task/task-context";
import { runVerb } from "../../lambda/database-task/verbs";
import { archiveWorkflow } from "../../lib/workflows/archive-workflow";
import type { Definition } from "../../local/workflows/definition";
import { run } from "../../local/workflows/interpreter";
import {
  PRIMARY_BUCKET,
  REPLICA_BUCKET,
  TRANSFER_BUCKET,
  fakeCollaborators,
  type FakeCollaborators,
} from "../support/collaborators";
import { ARCHIVE, archiveBytes, ask, DUMP, item, seal, SNAPSHOT, SOURCE } from "./archive-fixture";
import { entriesOf } from "./read-archive";

const EXECUTION = "arn:aws:states:eu-central-1:111111111111:execution:archive:archive-1";
const FILES = new Map([["a", Buffer.from("A")]]);

let c: FakeCollaborators;
let networks: unknown[];
beforeEach(() => {
  c = fakeCollaborators();
  networks = [];
});

const definition = JSON.parse(
  JSON.stringify(archiveWorkflow()).replace(
    /\$\{(\w+)\}/g,
    (_all, name: string) => `arn:aws:lambda:eu-central-1:111111111111:function:${name}`,
  ),
) as Definition;

const taskContext = (): TaskContext => ({
  ...c,
  secrets: { databaseCredentials: async () => Promise.reject(new Error("The task needs no database.")) },
  programs: { directory: "", majors: [] },
  taskArn: "task/one",
  patience: { pauseMs: 1, lockTries: 1, busyTries: 1 },
  signal: new AbortController().signal,
});

/** Dumps of more than `functionBytes` are the task's. */
const execute = (functionBytes?: number): Promise<unknown> =>
  run(
    definition,
    { archiveId: ARCHIVE },
    {
      execution: { id: EXECUTION, name: ARCHIVE, stateMachineId: c.settings.ARCHIVE_STATE_MACHINE_ARN },
      clock: { now: c.clock.now, sleepUntil: async (time) => c.clock.set(time) },
      services: {
        invokeLambda: async (_arn, payload) => {
          const input = archiveInput.parse(payload);
          const isLimited = input.step === "build" && functionBytes !== undefined;
          return archiveOutput.parse(await (isLimited ? build(c, input, { functionBytes }) : archiveStep(input, c)));
        },
        runTask: async ({ NetworkConfiguration, Overrides }) => {
          networks.push(NetworkConfiguration);
          const command = Overrides?.ContainerOverrides?.[0]?.Command ?? [];
          if ((await runVerb(taskContext(), command)) === 0) return {};
          throw Object.assign(new Error(JSON.stringify({ StoppedReason: "Essential container in task exited" })), {
            name: "States.TaskFailed",
          });
        },
        startExecution: async () => Promise.reject(new Error("The workflow starts nothing.")),
      },
    },
  );

test("builds an archive", async () => {
  await seal(c, { files: FILES });
  await ask(c);
  await execute();
  expect([...(await entriesOf(await archiveBytes(c))).keys()]).toEqual([".metadata", "db/db.backup", "tree/a_/__/a"]);
  // An execution of an archive that has ended does nothing.
  await execute();
  expect((await item(c)).state).toBe("completed");
});

test("leaves a large plain dump to the task, in the environment's network", async () => {
  await seal(c, { files: FILES });
  await ask(c, "database_only");
  await execute(100);
  expect((await archiveBytes(c)).equals(DUMP)).toBe(true);
  expect(await item(c)).toMatchObject({ state: "completed", size: DUMP.length, bytesDone: DUMP.length });
  expect(networks).toEqual([
    { AwsvpcConfiguration: { Subnets: ["subnet-1"], SecurityGroups: ["sg-1"], AssignPublicIp: "DISABLED" } },
  ]);
  expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
});

test("ends a failed task's archive with the task's sentence", async () => {
  const database = dumpOf(await seal(c, { files: FILES }));
  for (const [store, bucket] of [
    [c.store, PRIMARY_BUCKET],
    [c.replicaStore, REPLICA_BUCKET],
  ] as const) {
    const [version] = store.versions(bucket, database.key);
    Object.assign(version as object, { body: Buffer.from(version?.body ?? []).fill(7, 20, 40) });
  }
  await ask(c, "database_only");
  await expect(execute(100)).rejects.toMatchObject({ name: "ArchiveFailed" });
  const archive = await item(c);
  expect(archive.state).toBe("failed");
  expect(archive.statusMessage).toMatch(
    /^The snapshot is damaged: its object .* in neither region .* choose another snapshot\.$/,
  );
  expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
  expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
});

test("ends with a sentence when the snapshot is deleted before it begins", async () => {
  await seal(c, { files: FILES });
  await ask(c);
  await c.catalog.updateSnapshot(SOURCE, SNAPSHOT, { deleting: true });
  await expect(execute()).rejects.toMatchObject({ name: "ArchiveFailed" });
  expect(await item(c)).toMatchObject({
    state: "failed",
    statusMessage: `Snapshot ${SNAPSHOT} of environment ${SOURCE} is being deleted: choose another one.`,
  });
});
