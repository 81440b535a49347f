/** Each of the plan's rules at its edges, and what it says. */
import type { FileComparison, TargetPreflight } from "../../lambda/catalog/items";
import { unacknowledged } from "../../lambda/restore/acknowledgement";
import { judge, roomNeeded, type PlanFacts } from "../../lambda/restore/plan-rules";
import type { DatabaseEntry, Manifest } from "../../lambda/snapshot/manifest";

const MIB = 1024 ** 2;
const comparison: FileComparison = {
  part: 0,
  after: null,
  absent: 0,
  absentBytes: 0,
  present: 0,
  conflicts: 0,
  tooLong: 0,
  done: true,
};
const target = {
  environmentId: "shop-acceptance",
  running: false,
  modelVersion: "1.2.3",
  registration: {
    appId: "shop",
    region: "eu-central-1",
    database: { name: "shop-acceptance", instance: "shop-db" },
    files: { prefix: "shop-acceptance/" },
  },
} as PlanFacts["target"];
const preflight: TargetPreflight = {
  at: "2026-12-06T00:00:00Z",
  databaseOid: 100,
  owner: "shop",
  encoding: "UTF8",
  collate: "C",
  ctype: "C",
  serverVersion: "15.14",
  serverMajor: 15,
  databaseSize: 8_000_000,
  sessions: 0,
  freeBytes: null,
  roles: ["shop"],
  availableExtensions: ["plpgsql"],
  canCreateDatabase: true,
  memberOfOwner: true,
  toolMajor: 15,
};
const database = {
  databaseSize: 1000 * MIB,
  dumpSize: 1,
  serverVersion: "15.14",
  privileges: true,
  encoding: "UTF8",
  collate: "C",
  ctype: "C",
  extensions: [{ name: "plpgsql", version: "1.0" }],
  policyRoles: [],
} as unknown as DatabaseEntry;
const snapshot = {
  appId: "shop",
  region: "eu-central-1",
  modelVersion: "1.2.3",
  consistency: "reference-query",
  files: { missing: { count: 0, keys: [] } },
  warnings: [],
} as unknown as Manifest;

interface Change extends Partial<Omit<PlanFacts, "manifest" | "preflight">> {
  readonly manifest?: Partial<Manifest>;
  readonly database?: Partial<DatabaseEntry>;
  readonly preflight?: Partial<TargetPreflight> | null;
}
const factsOf = (change: Change): PlanFacts => ({
  target,
  comparison,
  damage: [],
  recovery: { region: "eu-central-1" },
  ...change,
  preflight: change.preflight === null ? null : { ...preflight, ...change.preflight },
  manifest: { ...snapshot, database: { ...database, ...change.database }, ...change.manifest },
});
const refused = (change: Change): string[] =>
  judge(factsOf(change)).refusals.map(({ code, message }) => `${code}: ${message}`);
const warned = (change: Change): string[] =>
  judge(factsOf(change)).warnings.map(({ code, message }) => `${code}: ${message}`);
const recoveryPoint = (): Manifest["database"] =>
  ({ ...database, kind: "recovery-point", recoveryPointArn: "arn:point" }) as unknown as Manifest["database"];

test.each<[string, Change]>([
  [
    "TargetOfOtherApp: Environment shop-acceptance belongs to app shop, the snapshot to app blog: choose a target of the same app.",
    { manifest: { appId: "blog" } },
  ],
  [
    "TargetInOtherRegion: Environment shop-acceptance is in eu-central-1, the snapshot in us-east-1: a restore stays within its region.",
    { manifest: { region: "us-east-1" } },
  ],
  [
    "TargetRunning: The app of environment shop-acceptance is running: stop it, then restore.",
    { target: { ...target, running: true } },
  ],
  ["SnapshotDamaged: The pack is gone.", { damage: ["The pack is gone."] }],
  [
    "CannotCreateDatabase: The user registered for the target's database shop-acceptance may not create databases: grant it CREATEDB.",
    { preflight: { canCreateDatabase: false } },
  ],
  [
    "NotMemberOfOwner: The user registered for the target's database shop-acceptance is no member of its owner shop: grant it that role.",
    { preflight: { memberOfOwner: false } },
  ],
  [
    "SessionsPresent: 1 session is connected to the target's database shop-acceptance: end it, then restore.",
    { preflight: { sessions: 1 } },
  ],
  [
    "SessionsPresent: 2 sessions are connected to the target's database shop-acceptance: end them, then restore.",
    { preflight: { sessions: 2 } },
  ],
  [
    "NotEnoughSpace: The server of the target's database shop-acceptance has 1,300 MiB free and the restore needs 1,300 MiB: give it more storage.",
    { preflight: { freeBytes: 1300 * MIB - 1 } },
  ],
  [
    "RolesMissing: The server of the target's database shop-acceptance lacks roles that the snapshot's row security policies name (auditor, clerk): create them.",
    { database: { policyRoles: ["auditor", "shop", "clerk", "Public"] } },
  ],
  [
    "ToolsOlder: The database task has PostgreSQL programs of version 15 and this restore needs 16: deploy an image that holds them.",
    { preflight: { serverMajor: 16 } },
  ],
  [
    "ToolsOlder: The database task has PostgreSQL programs of version 14 and this restore needs 15: deploy an image that holds them.",
    { preflight: { toolMajor: 14 }, database: { serverVersion: "14.9" } },
  ],
  [
    "ToolsNewer: The database task has PostgreSQL programs of version 17 and none for the server of the target's database shop-acceptance, PostgreSQL 15, which doesn't know every setting that they use: deploy an image that holds those of version 15.",
    { preflight: { toolMajor: 17 } },
  ],
  [
    "ToolsNewer: The database task has PostgreSQL programs of version 18 and none for the server of the target's database shop-acceptance, PostgreSQL 16, which doesn't know every setting that they use: deploy an image that holds those of version 16.",
    { preflight: { serverMajor: 16, toolMajor: 18 } },
  ],
  [
    "ServerOlder: The server of the target's database shop-acceptance is PostgreSQL 15, the snapshot is of PostgreSQL 16: upgrade the server first.",
    { preflight: { toolMajor: 16 }, database: { serverVersion: "16.4" } },
  ],
  [
    "ExtensionsUnavailable: The server of the target's database shop-acceptance lacks extensions of the snapshot (postgis, hstore): install them or choose another target.",
    { database: { extensions: ["postgis", "plpgsql", "hstore"].map((name) => ({ name, version: "1" })) } },
  ],
  [
    "FileKeyTooLong: 1 file of the snapshot has a key that is too long for S3 under the prefix “shop-acceptance/” of the target: choose a target with a shorter prefix.",
    { comparison: { ...comparison, tooLong: 1 } },
  ],
  [
    "FileKeyTooLong: 1,200 files of the snapshot have keys that are too long for S3 under the prefix “shop-acceptance/” of the target: choose a target with a shorter prefix.",
    { comparison: { ...comparison, tooLong: 1200 } },
  ],
  [
    "InstanceNotAvailable: The database instance shop-db is storage-full: give it more storage.",
    { room: { status: "storage-full", freeNowBytes: null } },
  ],
])("%s", (sentence, change) => {
  expect(refused(change)).toStrictEqual([sentence]);
});

test.each<[string, Change]>([
  [
    "InstanceChanging: The database instance shop-db is modifying: the restore may be interrupted, and then changes nothing.",
    { room: { status: "modifying", freeNowBytes: null } },
  ],
  [
    "StorageMustGrow: The database instance shop-db has 1,300 MiB free, the restore needs 1,300 MiB, and RDS makes storage grow at most once in six hours: if it grows too late the restore fails, and then changes nothing.",
    { room: { status: "available", freeNowBytes: 1300 * MIB - 1 }, preflight: { freeBytes: 1300 * MIB } },
  ],
  [
    "ExtensionsBeyondDefault: The snapshot's database has extensions beyond the default (hstore, postgis): the restore may fail, and then changes nothing.",
    {
      database: { extensions: ["hstore", "plpgsql", "postgis"].map((name) => ({ name, version: "1" })) },
      preflight: { availableExtensions: ["plpgsql", "hstore", "postgis"] },
    },
  ],
  [
    "DatabaseCustomised: The snapshot's database is customised (casts, event triggers): the restore may fail, and then changes nothing.",
    { database: { customisations: ["casts", "event triggers"] } },
  ],
  [
    "PrivilegesNotKept: The snapshot was taken before privileges were kept: owners come back where their roles exist, grants don't, and everybody may call the database's functions until that is revoked again.",
    { database: { privileges: undefined } },
  ],
  ["DumpWarned: pg_dump warned.", { manifest: { warnings: ["pg_dump warned."], warningCodes: ["DumpWarned"] } }],
  [
    "EncodingDiffers: The target's database is encoded in LATIN1, the snapshot's in UTF8: text that can't be converted makes the restore fail, and then it changes nothing.",
    { preflight: { encoding: "LATIN1" } },
  ],
  [
    "DatabaseNotExamined: The target's database has not been looked at: the restore itself does so first.",
    { preflight: null },
  ],
])("%s", (sentence, change) => {
  expect(warned(change)).toStrictEqual([sentence]);
});

test.each<[string, Change]>([
  ["just enough storage", { preflight: { freeBytes: 1300 * MIB } }],
  [
    "just enough storage as things are",
    { room: { status: "available", freeNowBytes: 1300 * MIB }, preflight: { freeBytes: 1300 * MIB } },
  ],
  [
    "storage that nobody has measured",
    { room: { status: "available", freeNowBytes: null }, preflight: { freeBytes: 1300 * MIB } },
  ],
  ["roles that are all there", { database: { policyRoles: ["shop"] } }],
  ["an instance that nobody has asked about", { room: { status: null, freeNowBytes: null } }],
  ["a server that is newer than the snapshot", { preflight: { serverMajor: 16, toolMajor: 16 } }],
  ["tools that are newer than both", { preflight: { toolMajor: 16 } }],
  ["tools of 18 at a server of 17", { preflight: { serverMajor: 17, toolMajor: 18 } }],
  ["an upload without privileges", { database: { privileges: undefined }, manifest: { consistency: "uploaded" } }],
  ["a snapshot that names no model version", { manifest: { modelVersion: "" } }],
  ["a target that names none", { target: { ...target, modelVersion: "" } }],
  [
    "a warning that the plan has no word for",
    { manifest: { warnings: ["Packed anew."], warningCodes: ["PackedAnew"] } },
  ],
])("nothing is said of %s", (_, change) => {
  expect(judge(factsOf(change))).toStrictEqual({ refusals: [], warnings: [] });
});

test.each<[string, Change]>([
  ["no: RolesMissing", { database: { policyRoles: ["auditor"] } }],
  ["no: ExtensionsUnavailable", { preflight: { availableExtensions: [] } }],
  ["DatabaseCustomised", { database: { customisations: ["casts"] } }],
  [
    "ExtensionsBeyondDefault",
    {
      database: { extensions: [{ name: "hstore", version: "1" }] },
      preflight: { availableExtensions: ["hstore"] },
    },
  ],
  // What is still to come doesn't help either.
  ["no: NotEnoughSpace", { room: { status: "available", freeNowBytes: 1 }, preflight: { freeBytes: 2 } }],
])("one is enough: %s", (code, change) => {
  const { refusals, warnings } = judge(factsOf(change));
  expect([...refusals.map((one) => `no: ${one.code}`), ...warnings.map((one) => one.code)]).toStrictEqual([code]);
});

test("a recovery point brings its server along: only sessions are in its way", () => {
  const manifest = { database: recoveryPoint() };
  const otherwise: Change = {
    manifest,
    database: {},
    preflight: {
      sessions: 1,
      encoding: "LATIN1",
      freeBytes: 0,
      roles: [],
      availableExtensions: [],
      serverMajor: 9,
      canCreateDatabase: false,
      memberOfOwner: false,
    },
    room: { status: "available", freeNowBytes: 0 },
  };
  expect(judge(factsOf(otherwise)).refusals.map(({ code }) => code)).toStrictEqual(["SessionsPresent"]);
  expect(judge(factsOf(otherwise)).warnings).toStrictEqual([]);
  const extras = { extensions: [{ name: "hstore", version: "1" }], customisations: ["casts"], privileges: undefined };
  expect(warned({ manifest: { database: { ...recoveryPoint(), ...extras } } })).toStrictEqual([]);
});

test("the target's details are judged where they are known, and not of a recovery point's target", () => {
  const details = {
    login: { name: "master", superuser: false, sessionsLeft: null, validUntil: "2026-12-07T00:00:00Z" },
    inRecovery: true,
    connectionsLeft: 50,
    tablespace: "pg_default",
    tablespaces: [],
    extensionVersions: {},
    locale: { provider: "libc", name: "de_DE", rules: "", version: null },
    properties: {},
    settingsRefused: [],
    obstacles: {
      preparedTransactions: [],
      slots: [{ name: "cdc", active: false }],
      subscriptions: [],
      replicationConnections: 1,
      workers: [],
      unendableSessions: 0,
    },
  } as unknown as NonNullable<TargetPreflight["details"]>;
  const { refusals, warnings } = judge(factsOf({ preflight: { details } }));
  expect(refusals.map(({ code }) => code)).toStrictEqual(["ServerIsReplica", "ReplicationActive"]);
  expect(warnings.map(({ code }) => code)).toStrictEqual(["CollationDiffers", "PasswordEnds", "ReplicationSlotsGo"]);
  for (const { message } of [...refusals, ...warnings])
    expect(message).toContain("the target's database shop-acceptance");
  const manifest = { database: recoveryPoint() };
  expect(judge(factsOf({ manifest, preflight: { details } }))).toStrictEqual({ refusals: [], warnings: [] });
});

test("its own rules are asked where its instance has been looked at", () => {
  const entry = { recoveryPointArn: "arn:point", instance: "shop", createdAt: "1", completedAt: "2" };
  const instance = { entry, pointStatus: "EXPIRED", target, live: null, quotas: null } as unknown as NonNullable<
    PlanFacts["instance"]
  >;
  const { refusals, warnings } = judge(factsOf({ manifest: { database: recoveryPoint() }, instance }));
  expect(refusals.map(({ code }) => code)).toStrictEqual(["SnapshotDamaged", "InstanceMissing"]);
  expect(warnings.map(({ code }) => code)).toStrictEqual(["InstanceSwap", "WholeInstance"]);
});

test("room for the larger of dump and database, and nearly a third more; none for a recovery point", () => {
  expect(roomNeeded({ ...database, databaseSize: 100, dumpSize: 10 })).toBe(130);
  expect(roomNeeded({ ...database, databaseSize: 10, dumpSize: 101 })).toBe(132);
  expect(roomNeeded(recoveryPoint())).toBe(0);
});

test.each<[string, string, "Older" | "Newer" | undefined]>([
  ["1.2", "1.2.1", "Older"],
  ["1.2.1", "1.2", "Newer"],
  ["1.9", "1.10", "Older"],
  ["2.0", "1.9", "Newer"],
  // Where one part is no number, both are text.
  ["1.10", "1.9a", "Older"],
  ["1.1a", "1.9", "Older"],
  ["1.b", "1.a", "Newer"],
  ["rc.1", "rc.2", "Older"],
  ["rc.2", "rc.1", "Newer"],
  // One version, spelled in two ways.
  ["1.2", "1.2.0", undefined],
  ["1.02", "1.2", undefined],
])("model version %s is beside %s: %s", (ofSnapshot, ofTarget, order) => {
  const deploy = `deploy the ${order === "Older" ? "older" : "newer"} model after the restore`;
  const expected = `ModelVersion${order}: The snapshot's model version is ${ofSnapshot}, the target's ${ofTarget}: ${deploy}.`;
  const change = { manifest: { modelVersion: ofSnapshot }, target: { ...target, modelVersion: ofTarget } };
  expect(warned(change)).toStrictEqual(order === undefined ? [] : [expected]);
});

test("what the files will lack, and where they come from, is told of a restore that brings files", () => {
  const missing = (count: number): Change => ({
    manifest: { files: { ...snapshot.files, missing: { count, keys: [] } } },
  });
  const lost = "missing when it was taken, and will be missing after the restore.";
  expect(warned(missing(1))).toStrictEqual([`FilesMissing: 1 file that the snapshot's database names was ${lost}`]);
  expect(warned(missing(2))).toStrictEqual([`FilesMissing: 2 files that the snapshot's database names were ${lost}`]);
  expect(warned({ ...missing(2), comparison: null })).toStrictEqual([]);
  const taken = (consistency: Manifest["consistency"]): string[] =>
    judge(factsOf({ manifest: { consistency } })).warnings.map(({ code }) => code);
  expect(taken("around-recovery-point")).toStrictEqual(["FilesAroundRecoveryPoint"]);
  expect(taken("listing")).toStrictEqual(["FilesFromListing"]);
  expect(taken("reference-query")).toStrictEqual([]);
});

test("one word acknowledges all warnings, a code only those of that code", () => {
  const warnings = ["A", "B", "A"].map((code) => ({ code }));
  expect(unacknowledged(warnings, ["*"])).toStrictEqual([]);
  expect(unacknowledged(warnings, ["A"])).toStrictEqual([{ code: "B" }]);
  expect(unacknowledged(warnings, [])).toStrictEqual(warnings);
});
