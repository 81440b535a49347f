/** The rules about what a target lacks, has otherwise or holds, each on its own, and by a seeded generator. */
import type { DatabaseObstacles, TargetDetails } from "../../lambda/catalog/target-details";
import { judge, type PlanFacts } from "../../lambda/restore/plan-rules";
import { notTold, whyInUse } from "../../lambda/restore/rules-obstacles";
import { isRecoveryPoint, type DatabaseEntry, type DatabaseProperties } from "../../lambda/snapshot/manifest";
import { fakeCollaborators } from "../support/collaborators";
import { preflight } from "./restore-fixture";
import { environment, sealSnapshot, TARGET } from "./snapshot-fixture";

const obstacles: DatabaseObstacles = {
  preparedTransactions: [],
  slots: [],
  subscriptions: [],
  replicationConnections: 0,
  workers: [],
  unendableSessions: 0,
};
const properties: DatabaseProperties = {
  owner: "shop",
  comment: null,
  connectionLimit: -1,
  settings: [],
  grants: null,
};
const details: TargetDetails = {
  login: { name: "master", superuser: false, mayBecome: ["shop", "master"], sessionsLeft: null, validUntil: null },
  inRecovery: false,
  connectionsLeft: 50,
  tablespace: "pg_default",
  tablespaces: [{ name: "pg_default", usable: true }],
  extensionVersions: { plpgsql: ["1.0"] },
  locale: { provider: "libc", name: "C", rules: "", version: null },
  properties,
  settingsRefused: [],
  obstacles,
};

let good: PlanFacts;
let database: DatabaseEntry;
beforeAll(async () => {
  const manifest = await sealSnapshot(fakeCollaborators(), { files: new Map() });
  if (isRecoveryPoint(manifest.database)) throw new Error("a dump was expected");
  database = { ...manifest.database, collate: "C", ctype: "C", properties };
  good = {
    manifest: { ...manifest, database },
    target: environment(TARGET),
    preflight: { ...preflight, details },
    comparison: null,
    damage: [],
    recovery: { region: "eu-central-1" },
  };
});
const codes = (change: Partial<TargetDetails>, of: Partial<DatabaseEntry> = {}): string[] => {
  const { refusals, warnings } = judge({
    ...good,
    manifest: { ...good.manifest, database: { ...database, ...of } },
    preflight: { ...preflight, details: { ...details, ...change } },
  });
  for (const { message } of [...refusals, ...warnings]) expect(message).toMatch(/^[A-Z].*[^.]\.$/);
  return [...refusals.map(({ code }) => `no: ${code}`), ...warnings.map(({ code }) => code)];
};
const holding = (change: Partial<DatabaseObstacles>): Partial<TargetDetails> => ({
  obstacles: { ...obstacles, ...change },
});

test("a good target gives none, nor does one that an earlier version looked at", () => {
  expect(codes({})).toEqual([]);
  expect(judge({ ...good, preflight })).toEqual({ refusals: [], warnings: [] });
});

test.each<[string, Partial<TargetDetails>]>([
  ["no: ServerIsReplica", { inRecovery: true }],
  ["no: ConnectionLimitLow", { login: { ...details.login, sessionsLeft: -1 } }],
  ["no: TablespaceForbidden", { tablespace: "fast", tablespaces: [{ name: "fast", usable: false }] }],
  ["no: SettingForbidden", { settingsRefused: [{ name: "log_statement", role: null, reason: "permission denied" }] }],
  ["no: PreparedTransactions", holding({ preparedTransactions: [{ gid: "p", owner: "shop" }] })],
  ["no: ReplicationActive", holding({ slots: [{ name: "cdc", active: true }] })],
  ["no: ReplicationActive", holding({ replicationConnections: 2 })],
  ["no: SubscriptionsEnabled", holding({ subscriptions: [{ name: "s", enabled: true, ours: true }] })],
  ["no: SubscriptionsEnabled", holding({ subscriptions: [{ name: "s", enabled: true, ours: false }] })],
  ["no: SubscriptionsOfOthers", holding({ subscriptions: [{ name: "s", enabled: false, ours: false }] })],
  ["no: WorkersPresent", holding({ workers: ["pg_cron launcher"] })],
  ["ConnectionsNearlyUsed", { connectionsLeft: 2 }],
  ["PasswordEnds", { login: { ...details.login, validUntil: "2026-12-08T23:59:59Z" } }],
  ["ReplicationSlotsGo", holding({ slots: [{ name: "cdc", active: false }] })],
  ["SubscriptionsGo", holding({ subscriptions: [{ name: "s", enabled: false, ours: true }] })],
])("%s", (code, change) => {
  expect(codes(change)).toEqual([code]);
});

test("just enough is enough", () => {
  expect(codes({ login: { ...details.login, sessionsLeft: 3, validUntil: "2026-12-09T00:00:00Z" } })).toEqual([]);
  expect(codes({ connectionsLeft: 3 })).toEqual([]);
  expect(codes({ connectionsLeft: 0, login: { ...details.login, superuser: true } })).toEqual([]);
  // Sessions are counted by a rule of their own.
  expect(codes(holding({ unendableSessions: 1 }))).toEqual([]);
});

test("a recovery point brings its own server: nothing of the target's is asked", () => {
  const bad = { ...details, inRecovery: true, ...holding({ workers: ["w"], slots: [{ name: "s", active: false }] }) };
  const point = { ...database, kind: "recovery-point" } as unknown as PlanFacts["manifest"]["database"];
  const found = judge({
    ...good,
    manifest: { ...good.manifest, database: point },
    preflight: { ...preflight, details: bad },
    instance: null,
  });
  expect(found.refusals).toEqual([]);
  expect(found.warnings).toEqual([]);
});

test("what came since the plan, by name", () => {
  const slot = { name: "cdc", active: false };
  const now = { ...obstacles, slots: [slot], subscriptions: [{ name: "s", enabled: false, ours: true }] };
  expect(notTold(now, now)).toEqual([]);
  expect(notTold(obstacles, now)).toEqual(["the replication slot cdc", "the subscription s"]);
  expect(notTold(now, obstacles)).toEqual([]);
});

test("clients are the cause only where nothing else is", () => {
  expect(whyInUse(obstacles, '"shop"')).toMatch(/^Clients keep connecting to "shop": stop the app/);
  const both = { ...obstacles, workers: ["pg_cron launcher"], unendableSessions: 2 };
  expect(whyInUse(both, '"shop"')).toMatch(/^Processes of the server .*\(pg_cron launcher\).* can't end 2 sessions in/);
});

test("long lists are cut in sentences, and counted", () => {
  const roles = Array.from({ length: 1200 }, (_, n) => `tenant_${n}`);
  const { warnings } = judge({ ...good, manifest: { ...good.manifest, database: { ...database, roles } } });
  expect(warnings[0]?.message).toMatch(/\(tenant_0, .*, tenant_9 and 1,190 more\)/);
});

/** xorshift: the same cases each time. */
const seeded = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};
const shuffled = <T>(items: readonly T[], random: (below: number) => number): T[] =>
  items
    .map((item) => ({ item, at: random(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

test("seeded: properties in any order are alike under another owner's name, and any one change is told", () => {
  const random = seeded(20261130);
  const some = <T>(items: readonly T[]): T[] => items.filter(() => random(2) === 0);
  for (let round = 0; round < 300; round++) {
    const before: DatabaseProperties = {
      owner: "owner_a",
      comment: random(2) === 0 ? null : `comment ${random(9)}`,
      connectionLimit: random(3) - 1,
      settings: some([null, "owner_a", "reader", "Ünïcode role"]).map((role) => ({
        role,
        config: some(["work_mem=4MB", 'search_path="a b", public', "shop.x=", "TimeZone=UTC"]),
      })),
      grants: some([null, "owner_a", "reader"]).flatMap((grantee) =>
        some(["CREATE", "CONNECT", "TEMPORARY"]).map((privilege) => ({
          grantee,
          privilege,
          grantable: random(2) === 0,
        })),
      ),
    };
    const renamed = (role: string | null): string | null => (role === "owner_a" ? "owner_b" : role);
    const after: DatabaseProperties = {
      ...before,
      owner: "owner_b",
      settings: shuffled(before.settings, random).map(({ role, config }) => ({
        role: renamed(role),
        config: shuffled(config, random),
      })),
      grants: shuffled(before.grants ?? [], random).map((grant) => ({ ...grant, grantee: renamed(grant.grantee) })),
    };
    expect(codes({ properties: after }, { properties: before })).toEqual([]);
    const change = [
      { comment: "another" },
      { connectionLimit: 77 },
      { settings: [...after.settings, { role: null, config: ["jit=off"] }] },
      { grants: [...(after.grants ?? []), { grantee: "stranger", privilege: "CREATE", grantable: false }] },
    ][random(4)];
    expect(codes({ properties: { ...after, ...change } }, { properties: before })).toEqual([
      "DatabasePropertiesDiffer",
    ]);
    expect(codes({ properties: before }, { properties: { ...after, ...change } })).toEqual([
      "DatabasePropertiesDiffer",
    ]);
  }
});
