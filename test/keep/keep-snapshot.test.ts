/** Keeping a snapshot longer: what is locked, what is promised, and what happens around the old and the new expiry. */
import { manifestEntry } from "../../lambda/backup/committed-manifest";
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import { requestDeletion } from "../../lambda/deletion/request-deletion";
import { requestKeep } from "../../lambda/keep/request-keep";
import { isOffered } from "../../lambda/retention/offered";
import { checkReplication } from "../../lambda/replication-check/check-replication";
import { changeComment } from "../../lambda/snapshot/change-comment";
import { dumpOf, type Manifest, type RecoveryPointEntry } from "../../lambda/snapshot/manifest";
import { packKey } from "../../lambda/storage/object-keys";
import { expire, run } from "../retention/retention-run";
import { ENVIRONMENT, seal, standing, standingOf } from "../retention/sealed-environment";
import { PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { keep, keepScene, keptUntil, locks, OLD_EXPIRY, UNTIL } from "./keep-scene";

const LOCKED = new Date(UNTIL).toISOString();
const OLD_LOCK = new Date(OLD_EXPIRY).toISOString();
const item = async ({ catalog }: FakeCollaborators) => must(await catalog.getSnapshot(ENVIRONMENT, "night"));

test("every object is locked in both regions before the record and the catalog say so", async () => {
  const { collaborators, environment } = await keepScene();
  expect(locks(collaborators, environment)).toEqual([OLD_LOCK]);
  collaborators.store.requests.length = 0;
  expect(await keep(collaborators)).toMatchObject({
    outcome: "done",
    message: `Snapshot night is kept until ${UNTIL}.`,
  });
  expect(locks(collaborators, environment)).toEqual([LOCKED]);
  expect(await item(collaborators)).toMatchObject({ expiresAt: UNTIL, state: "completed", deleting: false });
  expect(await keptUntil(collaborators, environment)).toBe(UNTIL);
  const order = collaborators.store.requests.map(({ operation }) => operation);
  expect(order.lastIndexOf("retain")).toBeLessThan(order.indexOf("put"));
  expect(collaborators.events.published).toContainEqual({
    type: "Snapshot State Change",
    detail: { environmentId: ENVIRONMENT, snapshotId: "night", state: "kept", tier: "nightly", expiresAt: UNTIL },
  });
  expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
});

test("I4: offered past its old expiry, to the last second before the new one, and then gone with all its data", async () => {
  const { collaborators } = await keepScene();
  await keep(collaborators);
  for (const time of [OLD_EXPIRY, "2026-12-17T03:18:01Z", "2027-12-30T23:59:59.999Z"]) {
    collaborators.clock.set(time);
    await run(collaborators);
    expect({ time, offered: isOffered(await item(collaborators), collaborators.clock.now()) }).toEqual({
      time,
      offered: true,
    });
    expect(standingOf(collaborators, "/night/")).toHaveLength(6);
  }
  collaborators.clock.set(UNTIL);
  expect(isOffered(await item(collaborators), collaborators.clock.now())).toBe(false);
  await run(collaborators);
  expect(standing(collaborators)).toEqual([]);
  expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, "night")).toBeUndefined();
});

test("asking again is no change; a later date is one, an earlier one is refused", async () => {
  const { collaborators, environment } = await keepScene();
  await keep(collaborators);
  collaborators.store.requests.length = 0;
  expect(await keep(collaborators)).toMatchObject({ outcome: "done" });
  expect(collaborators.store.requests.filter(({ operation }) => operation === "retain")).toEqual([]);
  expect(await keep(collaborators, { until: "2028-01-01T00:00:00Z" })).toMatchObject({ outcome: "done" });
  expect(await item(collaborators)).toMatchObject({ expiresAt: "2028-01-01T00:00:00Z" });
  expect(await keep(collaborators, { until: "2026-12-10T00:00:00Z" })).toMatchObject({ outcome: "done" });
  expect(await keptUntil(collaborators, environment)).toBe("2028-01-01T00:00:00Z");
});

test.each([
  ["a missing pack in the primary bucket", "primary"],
  ["a missing pack at the replica", "replica"],
] as const)("%s: nothing is promised, and a sentence says why", async (_name, side) => {
  const { collaborators, environment } = await keepScene();
  const [store, bucket] =
    side === "primary" ? [collaborators.store, PRIMARY_BUCKET] : [collaborators.replicaStore, REPLICA_BUCKET];
  const key = packKey(environment, "two");
  const objects = store.versions(bucket, key).map(({ versionId }) => ({ key, versionId }));
  await store.deleteBatch(bucket, objects, { bypassGovernance: true });
  const { outcome, message } = await keep(collaborators);
  expect(outcome).toBe("refused");
  expect(message).toContain(`The object ${key} is missing in ${bucket}; the snapshot's expiry stays as it is`);
  expect(await item(collaborators)).toMatchObject({ expiresAt: OLD_EXPIRY });
  expect(await keptUntil(collaborators, environment)).toBeNull();
  expect(await collaborators.catalog.getLease(ENVIRONMENT)).toBeUndefined();
});

test("a damaged object, too", async () => {
  const { collaborators, environment } = await keepScene();
  must(collaborators.replicaStore.versions(REPLICA_BUCKET, packKey(environment, "one"))[0]).body = Buffer.from("short");
  expect((await keep(collaborators)).message).toContain("is damaged: its size or checksum is not the manifest's");
  expect(await keptUntil(collaborators, environment)).toBeNull();
});

test("one that is not proven replicated yet is kept here; the check then locks what comes until the new expiry", async () => {
  const { collaborators, environment } = await keepScene({ replicated: false });
  expect(await keep(collaborators)).toMatchObject({ outcome: "done" });
  collaborators.store.replicateTo(collaborators.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  for (const version of collaborators.replicaStore.versions(REPLICA_BUCKET))
    if (version.lock !== undefined) version.lock = { ...version.lock, until: new Date(OLD_EXPIRY) };
  const input = { environmentId: ENVIRONMENT, snapshotId: "night", executionArn: "check", waitedSeconds: 0 };
  expect(await checkReplication(input, collaborators)).toMatchObject({ outcome: "waiting" });
  expect(await checkReplication(input, collaborators)).toMatchObject({ outcome: "replicated" });
  expect(locks(collaborators, environment)).toEqual([LOCKED]);
});

test("long snapshots take several invocations, under one lease", async () => {
  const { collaborators, environment } = await keepScene({
    packs: [...Array(600).keys()].map((number) => `pack-${number}`),
  });
  /** An invocation has time for one batch. */
  const limited = (): FakeCollaborators => {
    let asked = 0;
    return { ...collaborators, remainingMs: () => (asked++ === 0 ? 900_000 : 0) };
  };
  let output = await keep(limited());
  let invocations = 1;
  while (output.outcome === "more") {
    expect(await keptUntil(collaborators, environment)).toBeNull();
    expect(await expire(collaborators)).toMatchObject({ outcome: "busy" });
    output = await keep(limited(), { progress: output.progress });
    invocations++;
  }
  expect({ outcome: output.outcome, invocations }).toEqual({ outcome: "done", invocations: 6 });
  expect(locks(collaborators, environment)).toEqual([LOCKED]);
});

test("a database that AWS Backup keeps is refused with a sentence, before anything is locked", async () => {
  const { collaborators, environment, snapshot } = await keepScene();
  const entry = must(snapshot.manifest);
  const version = must(collaborators.store.versions(PRIMARY_BUCKET, entry.key)[0]);
  const manifest = JSON.parse(Buffer.from(version.body).toString()) as Manifest;
  const { databaseSize, serverVersion, encoding, collate, ctype, extensions, policyRoles } = dumpOf(manifest);
  const database: RecoveryPointEntry = {
    kind: "recovery-point",
    instance: "orders-db",
    vault: "vault",
    recoveryPointArn: "arn:aws:rds:eu-central-1:111111111111:snapshot:awsbackup:job-1",
    copyVault: null,
    copyRecoveryPointArn: null,
    createdAt: snapshot.createdAt,
    completedAt: snapshot.createdAt,
    deleteAt: OLD_EXPIRY,
    backupSize: 1,
    databaseSize,
    serverVersion,
    encoding,
    collate,
    ctype,
    extensions,
    policyRoles,
    listedBefore: 0,
    listedAfter: 0,
  };
  version.body = Buffer.from(JSON.stringify({ ...manifest, database }));
  const changed = { manifest: manifestEntry(entry.key, entry.versionId, version.body) };
  await collaborators.catalog.updateSnapshot(ENVIRONMENT, "night", changed);
  const sentence =
    "The database of snapshot night is a recovery point, which AWS Backup deletes at the expiry it was taken with; " +
    "the snapshot's expiry stays as it is: take a new snapshot.";
  expect(await keep(collaborators)).toMatchObject({ outcome: "refused", message: sentence });
  const wish = { until: new Date(UNTIL), by: "admin" };
  await expect(requestKeep(collaborators, environment, { ...snapshot, ...changed }, wish)).rejects.toThrow(sentence);
  expect(locks(collaborators, environment)).toEqual([OLD_LOCK]);
  expect(collaborators.workflows.started).toEqual([]);
});

describe("races", () => {
  test("an expiry and a deletion wait while objects are being locked", async () => {
    const { collaborators } = await keepScene();
    const { store } = collaborators;
    let outcomes: readonly string[] = [];
    store.onRequest = async (operation) => {
      if (operation !== "retain" || outcomes.length > 0) return;
      outcomes = ["asked"];
      const deletion = { executionArn: "deletion", environmentId: ENVIRONMENT, snapshotId: "night", requestedBy: "x" };
      outcomes = [(await expire(collaborators)).outcome, (await deleteSnapshot(deletion, collaborators)).outcome];
    };
    expect(await keep(collaborators)).toMatchObject({ outcome: "done" });
    expect(outcomes).toEqual(["busy", "busy"]);
  });

  test("the old expiry comes while objects are being locked: it holds", async () => {
    const { collaborators, environment } = await keepScene();
    collaborators.clock.set("2026-12-17T03:17:00Z");
    collaborators.replicaStore.onRequest = (operation) => {
      if (operation === "retain") collaborators.clock.set(OLD_EXPIRY);
    };
    expect(await keep(collaborators)).toMatchObject({
      outcome: "refused",
      message: `Snapshot night expired on ${OLD_EXPIRY}; it can't be kept any more.`,
    });
    expect(await keptUntil(collaborators, environment)).toBeNull();
    collaborators.replicaStore.onRequest = undefined;
    await run(collaborators);
    expect(
      isOffered(must(await collaborators.catalog.getSnapshot(ENVIRONMENT, "night")), collaborators.clock.now()),
    ).toBe(false);
  });

  test.each([
    ["half a minute before", "2026-12-17T03:17:30Z", "done"],
    ["a second later", "2026-12-17T03:17:31Z", "refused"],
    ["in the expiry second itself", OLD_EXPIRY, "refused"],
  ])("asked %s", async (_name, time, outcome) => {
    const { collaborators, environment } = await keepScene();
    collaborators.clock.set(time);
    expect(await keep(collaborators)).toMatchObject({ outcome });
    expect(await keptUntil(collaborators, environment)).toBe(outcome === "done" ? UNTIL : null);
  });

  test("a user's delete that was asked for meanwhile wins", async () => {
    const { collaborators, environment, snapshot } = await keepScene();
    collaborators.replicaStore.onRequest = async (operation) => {
      if (operation !== "retain") return;
      collaborators.replicaStore.onRequest = undefined;
      await requestDeletion(collaborators, environment, snapshot, "owner");
    };
    expect(await keep(collaborators)).toMatchObject({
      outcome: "refused",
      message: expect.stringMatching(/being deleted/),
    });
    const deletion = {
      executionArn: "deletion",
      environmentId: ENVIRONMENT,
      snapshotId: "night",
      requestedBy: "owner",
    };
    expect(await deleteSnapshot(deletion, collaborators)).toMatchObject({ outcome: "done" });
    expect(standingOf(collaborators, "/night/")).toEqual([]);
  });

  test("a comment that was read before and written after can't lose the promise", async () => {
    const { collaborators, environment, snapshot } = await keepScene();
    let isKept = false;
    collaborators.store.onRequest = async (operation, { key }) => {
      if (operation !== "put" || !key?.endsWith("/night.json") || isKept) return;
      isKept = true;
      await keep(collaborators);
    };
    await changeComment(collaborators, environment, snapshot, { comment: "mine", by: "operator" });
    expect(isKept).toBe(true);
    expect(await keptUntil(collaborators, environment)).toBe(UNTIL);
    expect(await item(collaborators)).toMatchObject({ comment: "mine", expiresAt: UNTIL });
    collaborators.clock.set(OLD_EXPIRY);
    await run(collaborators);
    expect(standingOf(collaborators, "/night/").length).toBeGreaterThan(5);
    expect(collaborators.notifier.told.filter(({ subject }) => subject.includes("expiry has stopped"))).toEqual([]);
  });
});

test("packs that a kept snapshot shares with others stay when those expire", async () => {
  const { collaborators, environment } = await keepScene({ packs: ["shared"] });
  await seal(collaborators, environment, "next", { packs: ["shared", "own"] });
  await keep(collaborators);
  collaborators.clock.set("2026-12-18T03:18:00Z");
  await run(collaborators);
  expect(standingOf(collaborators, "/next/")).toEqual([]);
  expect(standingOf(collaborators, "own")).toEqual([]);
  expect(standingOf(collaborators, "shared")).toHaveLength(2);
});
