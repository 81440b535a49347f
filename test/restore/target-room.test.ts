/** Whether a restored database fits beside the live one. */
import { ServiceFailure, type DatabaseStatus } from "../../lambda/runtime/collaborators";
import { judge, roomNeeded } from "../../lambda/restore/plan-rules";
import { targetRoom } from "../../lambda/restore/target-room";
import { FakeLogger, fakeCollaborators } from "../support/collaborators";
import { preflight } from "./restore-fixture";
import { environment, sealSnapshot, TARGET } from "./snapshot-fixture";

const GIB = 1024 ** 3;
const status = (change: Partial<DatabaseStatus>): DatabaseStatus => ({
  status: "available",
  engineVersion: "15.14",
  allocatedBytes: 20 * GIB,
  instanceClass: "db.t4g.medium",
  multiAz: false,
  maintenanceWindow: "",
  backupWindow: "",
  ...change,
});
const plain = environment(TARGET);
const target = {
  registration: { ...plain.registration, database: { ...plain.registration.database, instance: "shop" } },
};
const looked = { ...preflight, serverSize: 5 * GIB };
const log = new FakeLogger();
const room = (answer: DatabaseStatus | undefined): Promise<number | null> =>
  targetRoom({ log, databases: { statusOf: async () => answer } }, target, looked);

test.each<[string, DatabaseStatus | undefined, number | null]>([
  ["the storage less what the server's databases take", status({}), 15 * GIB],
  ["what the storage may grow to", status({ maximumBytes: 100 * GIB }), 95 * GIB],
  ["unknown where the storage grows with its use", status({ allocatedBytes: GIB }), null],
  ["unknown where RDS knows no such instance", undefined, null],
])("is %s", async (_, answer, expected) => {
  expect(await room(answer)).toBe(expected);
});

test("is unknown without an instance, without RDS, and while RDS gives no answer", async () => {
  const databases = { statusOf: async () => status({}) };
  expect(await targetRoom({ log, databases }, plain, looked)).toBeNull();
  expect(await targetRoom({ log }, target, looked)).toBeNull();
  const silent = {
    statusOf: () => Promise.reject(new ServiceFailure("DatabaseStatusUnavailable", "RDS does not say.", true)),
  };
  expect(await targetRoom({ log, databases: silent }, target, looked)).toBeNull();
  expect(log.lines.at(-1)).toMatchObject({ level: "warn", details: { reason: "RDS does not say." } });
});

test("too little of it refuses the restore before anything is touched", async () => {
  const manifest = await sealSnapshot(fakeCollaborators(), { files: new Map() });
  const needed = roomNeeded(manifest.database);
  const codes = (freeBytes: number): string[] =>
    judge({ manifest, target: plain, preflight: { ...looked, freeBytes }, comparison: null, damage: [] }).refusals.map(
      ({ code }) => code,
    );
  expect(codes(needed)).toEqual([]);
  expect(codes(needed - 1)).toEqual(["NotEnoughSpace"]);
});
