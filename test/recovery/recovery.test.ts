/** A lost region: its catalog is rebuilt from replicas alone, which alone are read, and restores cross into this region. */
import { rebuild } from "../../bin/command-line/recovery-commands";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { DeploymentAddress, OpenRecovery, Surroundings } from "../../bin/command-line/surroundings";
import { Catalog } from "../../lambda/catalog/catalog";
import { putRegisterEntry } from "../../lambda/catalog/environment-register";
import { putRegistrationRecord } from "../../lambda/catalog/records";
import { handleRequest } from "../../lambda/requests/handle-request";
import { openSnapshot } from "../../lambda/restore/open-snapshot";
import { requestRestore } from "../../lambda/restore/request";
import { mayRestoreInto } from "../../lambda/rules/restore-regions";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { NOTHING_ELSE } from "../cli/cli-fixture";
import { environment, sealSnapshot, SNAPSHOT, SOURCE } from "../restore/snapshot-fixture";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { MemoryTable } from "../support/memory-table";
import { must } from "../support/must";

const LOST = "eu-central-1";
const HERE = "eu-west-1";
const RECOVERED = "shop-dublin";
const NOW = new Date("2026-12-06T03:00:00Z");

let c: FakeCollaborators;
let manifest: Manifest;
/** What runs in the replication region: a catalog of its own, and nothing of the lost region. */
let recovery: FakeCollaborators;
let open: OpenRecovery;

beforeEach(async () => {
  c = fakeCollaborators({ now: NOW });
  manifest = await sealSnapshot(c, { files: new Map([["a", Buffer.from("one")]]) });
  await putRegistrationRecord(environment(SOURCE), c);
  await putRegisterEntry(c.store, PRIMARY_BUCKET, environment("vault", { replication: "single-region" }));
  await putRegisterEntry(c.store, PRIMARY_BUCKET, environment("newborn"));
  for (const prefix of ["replicated/", "service/records/"])
    c.store.replicateTo(c.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET, prefix);
  const catalog = new Catalog(new MemoryTable());
  const settings = { ...c.settings, RECOVERED_REGION: LOST, REGION: HERE, PRIMARY_BUCKET: "test-records" };
  recovery = { ...c, catalog, settings };
  open = { lost: LOST, region: HERE, store: c.replicaStore, bucket: REPLICA_BUCKET, catalog };
  c.store.resetRequests();
});
const rebuilt = () => rebuild(open, { check: "head", now: NOW });
const dublin = () => environment(RECOVERED, { registration: { ...environment(RECOVERED).registration, region: HERE } });

describe("rebuilding", () => {
  test("offers every snapshot that is whole at the replica, and asks the lost region nothing", async () => {
    expect(await rebuilt()).toMatchObject({
      environments: [{ environmentId: SOURCE, snapshots: 1, newest: manifest.createdAt }],
      findings: [],
    });
    expect(await recovery.catalog.getSnapshot(SOURCE, SNAPSHOT)).toMatchObject({ state: "completed" });
    expect(c.store.requests).toEqual([]);
  });

  test("lists what is lost by choice, and what was registered and never arrived", async () => {
    const { lostByChoice, withoutReplica } = await rebuilt();
    expect(lostByChoice.map(({ environmentId }) => environmentId)).toEqual(["vault"]);
    expect(withoutReplica.map(({ environmentId }) => environmentId)).toEqual(["newborn"]);
  });

  test("does not offer a snapshot of which an object is missing, and names the object", async () => {
    const { key } = must(manifest.files.packs[0]);
    const { versions } = await c.replicaStore.listVersions(REPLICA_BUCKET, { prefix: key });
    const { versionId } = must(versions[0]);
    await c.replicaStore.deleteBatch(REPLICA_BUCKET, [{ key, versionId }], { bypassGovernance: true });
    const { environments, findings } = await rebuilt();
    expect(environments).toEqual([{ environmentId: SOURCE, snapshots: 0, newest: null }]);
    expect(findings.some((finding) => finding.message.includes(key))).toBe(true);
  });
});

describe("a recovery", () => {
  test("reads the oldest version at the replica, though the catalog knows the primary's, and never the lost region", async () => {
    await rebuilt();
    const { key } = must((await recovery.catalog.getSnapshot(SOURCE, SNAPSHOT))?.manifest);
    await c.replicaStore.put({ bucket: REPLICA_BUCKET, key, body: Buffer.from("written later") });
    const opened = await openSnapshot(recovery, { sourceEnvironmentId: SOURCE, snapshotId: SNAPSHOT });
    expect(opened.manifest).toEqual(manifest);
    expect(opened.reader.fromReplica.size).toBe(0);
    expect(c.store.requests).toEqual([]);
  });

  test("restores into its own region, into an environment of the same app", async () => {
    await rebuilt();
    await recovery.catalog.createEnvironment(dublin());
    const wish = {
      sourceEnvironmentId: SOURCE,
      snapshotId: SNAPSHOT,
      targetEnvironmentId: RECOVERED,
      databaseOnly: false,
      acknowledged: [],
      requestedBy: "operator",
    };
    await expect(requestRestore(recovery, wish, "machine")).resolves.toMatchObject({ state: "queued" });
    await recovery.catalog.updateEnvironment(RECOVERED, {
      registration: { ...dublin().registration, appId: "blog" },
    });
    await expect(requestRestore(recovery, wish, "machine")).rejects.toMatchObject({ name: "TargetOfOtherApp" });
  });

  test("takes no backups, and says where they are taken", async () => {
    await rebuilt();
    const asked = { action: "backup", environmentId: SOURCE, comment: "", createdBy: "operator" };
    expect(await handleRequest(asked, recovery)).toEqual({
      ok: false,
      message: expect.stringMatching(/^This is the recovery of eu-central-1: .*service of eu-west-1\.$/) as string,
    });
    expect(recovery.workflows.started).toEqual([]);
  });
});

test.each([
  ["a region's own restore", undefined, LOST, LOST, true],
  ["another region's target", undefined, LOST, HERE, false],
  ["a lost region's snapshot", LOST, LOST, HERE, true],
  ["a third region's snapshot", LOST, "us-east-1", HERE, false],
  ["a target left in the lost region", LOST, HERE, LOST, false],
])("%s", (_what, recovered, snapshotRegion, targetRegion, may) => {
  const region = recovered === undefined ? LOST : HERE;
  expect(mayRestoreInto({ region, recovered }, { snapshotRegion, targetRegion })).toBe(may);
});

describe("backups recovery rebuild", () => {
  const run = async (...args: readonly string[]) => {
    const lines: string[] = [];
    const addresses: DeploymentAddress[] = [];
    const surroundings: Surroundings = {
      ...NOTHING_ELSE,
      openRecovery: async (address) => {
        addresses.push(address);
        return open;
      },
      now: () => NOW,
      out: (line) => lines.push(line),
      err: (line) => lines.push(line),
    };
    return { code: await runCommandLine(args, surroundings), lines, addresses };
  };

  test("says in sentences what can be restored and what can't", async () => {
    const { code, lines, addresses } = await run("--recovery", LOST, "recovery", "rebuild");
    expect(code).toBe(0);
    expect(addresses).toMatchObject([{ stage: "default", recovery: LOST }]);
    expect(lines).toEqual([
      `Environment ${SOURCE}: 1 snapshots can be restored, the newest of ${manifest.createdAt}.`,
      "Environment newborn of app shop was registered in eu-central-1, and nothing of it has reached eu-west-1.",
      "Environment vault of app shop is lost by choice: its replication is off, so its snapshots were only in eu-central-1.",
      "1 snapshots of 1 environments of eu-central-1 can be restored into eu-west-1.",
    ]);
  });

  test("needs to know which region is lost", async () => {
    expect(await run("recovery", "rebuild")).toMatchObject({
      code: 2,
      lines: ["Say which region is lost: --recovery, such as --recovery eu-central-1."],
    });
  });
});
