/** Whether a restored database fits beside the live one. */
import { ServiceFailure, type DatabaseStatus } from "../../lambda/runtime/collaborators";
import { judge, roomNeeded } from "../../lambda/restore/plan-rules";
import { targetRoom, type TargetRoom } from "../../lambda/restore/target-room";
import { FakeClock, FakeLogger, fakeCollaborators } from "../support/collaborators";
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
const clock = new FakeClock();
const room = async (answer: DatabaseStatus | undefined, measured?: number): Promise<number | null> =>
  (await roomOf(answer, measured)).freeBytes;
const roomOf = (answer: DatabaseStatus | undefined, measured?: number): Promise<TargetRoom> =>
  targetRoom(
    { log, clock, databases: { statusOf: async () => answer }, storageReadings: { freeBytes: async () => measured } },
    target,
    looked,
  );

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
  const unknown = { freeBytes: null, freeNowBytes: null, status: null };
  expect(await targetRoom({ log, clock, databases }, plain, looked)).toEqual(unknown);
  expect(await targetRoom({ log, clock }, target, looked)).toEqual(unknown);
  const silent = {
    statusOf: () => Promise.reject(new ServiceFailure("DatabaseStatusUnavailable", "RDS does not say.", true)),
  };
  expect(await targetRoom({ log, clock, databases: silent }, target, looked)).toEqual(unknown);
  expect(log.lines.at(-1)).toMatchObject({ level: "warn", details: { reason: "RDS does not say." } });
});

test("is what the server itself says, where it does", async () => {
  const collaborators = { log, clock, databases: { statusOf: async () => status({}) } };
  const storageReadings = { freeBytes: async () => 3 * GIB };
  expect(await targetRoom({ ...collaborators, storageReadings }, target, { ...looked, freeBytes: 7 })).toStrictEqual({
    freeBytes: 7,
    freeNowBytes: null,
    status: "available",
  });
});

test("is reckoned without CloudWatch, down to nothing, and only where the databases' size is known", async () => {
  const reckoned = (allocatedBytes: number, serverSize?: number) => {
    const { serverSize: _, ...rest } = looked;
    const databases = { statusOf: async () => status({ allocatedBytes }) };
    return targetRoom({ log, clock, databases }, target, serverSize === undefined ? rest : { ...rest, serverSize });
  };
  const of = (freeBytes: number | null) => ({ freeBytes, freeNowBytes: null, status: "available" });
  expect(await reckoned(20, 5)).toStrictEqual(of(15));
  expect(await reckoned(20, 20)).toStrictEqual(of(0));
  expect(await reckoned(20, 21)).toStrictEqual(of(null));
  expect(await reckoned(20)).toStrictEqual(of(null));
});

test("a limit below what there is takes nothing away", async () => {
  expect((await roomOf(status({ maximumBytes: GIB }), 3 * GIB)).freeBytes).toBe(3 * GIB);
});

test("what is no failure of a service is not passed over", async () => {
  const databases = { statusOf: () => Promise.reject(new TypeError("a fault")) };
  await expect(targetRoom({ log, clock, databases }, target, looked)).rejects.toThrow("a fault");
});

test("too little of it refuses the restore before anything is touched", async () => {
  const manifest = await sealSnapshot(fakeCollaborators(), { files: new Map() });
  const needed = roomNeeded(manifest.database);
  const codes = (freeBytes: number): string[] =>
    judge({
      manifest,
      target: plain,
      preflight: { ...looked, freeBytes },
      comparison: null,
      damage: [],
      recovery: { region: manifest.region },
    }).refusals.map(({ code }) => code);
  expect(codes(needed)).toEqual([]);
  expect(codes(needed - 1)).toEqual(["NotEnoughSpace"]);
});

describe("what CloudWatch has measured", () => {
  test("counts before what is reckoned, with what the storage may grow to", async () => {
    expect(await roomOf(status({}), 3 * GIB)).toEqual({
      freeBytes: 3 * GIB,
      freeNowBytes: 3 * GIB,
      status: "available",
    });
    expect(await roomOf(status({ maximumBytes: 100 * GIB }), 3 * GIB)).toMatchObject({
      freeBytes: 83 * GIB,
      freeNowBytes: 3 * GIB,
    });
  });

  test("is done without where it gives no answer", async () => {
    const storageReadings = {
      freeBytes: () => Promise.reject(new ServiceFailure("StorageReadingUnavailable", "CloudWatch is silent.", true)),
    };
    const databases = { statusOf: async () => status({}) };
    expect(await targetRoom({ log, clock, databases, storageReadings }, target, looked)).toMatchObject({
      freeBytes: 15 * GIB,
      freeNowBytes: null,
    });
    expect(log.lines.at(-1)).toMatchObject({ details: { reason: "CloudWatch is silent." } });
  });
});

describe("the plan's word on the instance", () => {
  const codesOf = async (change: { status?: string; freeNowBytes?: number; freeBytes?: number }) => {
    const manifest = await sealSnapshot(fakeCollaborators(), { files: new Map() });
    const needed = roomNeeded(manifest.database);
    const { status: word = "available", freeNowBytes = needed, freeBytes = needed } = change;
    const found = judge({
      manifest,
      target: { ...plain, ...target },
      preflight: { ...looked, freeBytes },
      room: { status: word, freeNowBytes },
      comparison: null,
      damage: [],
      recovery: { region: manifest.region },
    });
    return { refusals: found.refusals.map(({ code }) => code), warnings: found.warnings.map(({ code }) => code) };
  };

  test("nothing where it is available with room enough", async () => {
    expect(await codesOf({})).toEqual({ refusals: [], warnings: [] });
  });
  test("storage that has yet to grow is a warning, and the 30 % rule stays a refusal", async () => {
    expect(await codesOf({ freeNowBytes: 1 })).toEqual({ refusals: [], warnings: ["StorageMustGrow"] });
    expect(await codesOf({ freeNowBytes: 1, freeBytes: 1 })).toEqual({ refusals: ["NotEnoughSpace"], warnings: [] });
  });
  test("an instance that changes is a warning, one that is broken a refusal", async () => {
    expect(await codesOf({ status: "modifying" })).toEqual({ refusals: [], warnings: ["InstanceChanging"] });
    expect(await codesOf({ status: "storage-full" })).toEqual({ refusals: ["InstanceNotAvailable"], warnings: [] });
  });
});
