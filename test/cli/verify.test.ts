/** `verify` on snapshots with real dumps, whole and damaged in every way that matters. */
import { execFileSync } from "node:child_process";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Surroundings } from "../../bin/command-line/surroundings";
import { putRegistrationRecord } from "../../lambda/catalog/records";
import { registration } from "../../lambda/catalog/registration";
import { storeDump } from "../../lambda/pack/dump-segment";
import { dumpOf, type Manifest } from "../../lambda/snapshot/manifest";
import { databaseKey } from "../../lambda/storage/object-keys";
import { ObjectUpload } from "../../lambda/storage/object-upload";
import { environment, pieces, sealSnapshot, SNAPSHOT, SOURCE } from "../restore/snapshot-fixture";
import { flip, smallFiles } from "../restore/test-files";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { startPostgres, type PostgresServer } from "../support/postgres";
import { barsIn, NOTHING_ELSE, type ShownBar } from "./cli-fixture";

const FILES = smallFiles(60);
const KEYS = [...FILES.keys()];
/** Named by the database, and not in storage when the backup was taken. */
const MISSING = "zz-missing";
const OWN_QUERY = "SELECT key FROM attachments";

let postgres: PostgresServer;
let dump: Buffer;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.query("postgres", "CREATE DATABASE shop");
  await postgres.query(
    "shop",
    `CREATE TABLE "system$filedocument" (id bigint, name text, "__uuid__" text, hascontents boolean, submetaobjectname text, deleteafterdownload boolean);
     CREATE TABLE attachments (key text);
     CREATE SCHEMA other;`,
  );
  const insert = 'INSERT INTO "system$filedocument" VALUES ($1, $2, $3, $4, $5, $6)';
  const rows: unknown[][] = [
    ...[...KEYS.slice(0, -1), MISSING].map((key, id) => [id, "a\tname\nwith \\ and \u2028", key, true, null, null]),
    [900, null, KEYS.at(-1), null, "System.Thumbnail", false],
    // None of these is named by the query.
    [901, "no contents", "not-in-storage-1", false, "System.Image", false],
    [902, "for once", "not-in-storage-2", true, null, true],
    [903, "no key", null, true, null, null],
  ];
  for (const row of rows) await postgres.query("shop", insert, row);
  for (const key of KEYS) await postgres.query("shop", "INSERT INTO attachments VALUES ($1)", [key]);
  dump = pgDumpOf("shop");
});
afterAll(() => postgres.stop());

const pgDumpOf = (database: string, compress = "-Z0"): Buffer =>
  execFileSync(
    `${postgres.programsPattern.replace("{major}", String(postgres.major))}/pg_dump`,
    ["-O", "-x", "-Fc", compress, "-h", postgres.host, "-p", String(postgres.port), "-U", postgres.user, database],
    { env: { PGPASSWORD: postgres.password }, maxBuffer: 1e9 },
  );

let c: FakeCollaborators;
let manifest: Manifest;
let out: string[];
let err: string[];
let bars: ShownBar[];
let variables: Record<string, string>;
beforeEach(() => {
  c = fakeCollaborators();
  [out, err, bars, variables] = [[], [], [], { PATH: "" }];
});

interface Given {
  readonly database?: Buffer;
  readonly files?: ReadonlyMap<string, Buffer>;
  /** Or `listing`. */
  readonly query?: string;
  readonly manifest?: Partial<Manifest>;
}
/** A sealed and replicated snapshot of what the dump names. */
const seal = async ({ database = dump, files = FILES, query, manifest: change }: Given = {}): Promise<void> => {
  const place = { replication: "replicated", environmentId: SOURCE } as const;
  const key = databaseKey(place, SNAPSHOT, "attempt-1", "real");
  const stored = await storeDump(
    pieces(database),
    new ObjectUpload(c.store, {
      bucket: c.settings.PRIMARY_BUCKET,
      key,
      lock: { mode: "GOVERNANCE", until: new Date("2100-01-01T00:00:00Z") },
    }),
  );
  const { registration: standing, ...rest } = environment(SOURCE);
  const source = query === "listing" ? { kind: "listing" } : { kind: "reference-query", query };
  await putRegistrationRecord(
    {
      ...rest,
      registration:
        query === undefined ? standing : registration.parse({ ...standing, files: { ...standing.files, source } }),
    },
    c,
  );
  manifest = await sealSnapshot(c, {
    files,
    packs: 3,
    linesPerPart: 25,
    missing: [MISSING],
    database: stored,
    ...(change === undefined ? {} : { manifest: change }),
  });
};
const verify = (...more: string[]): Promise<number> => {
  const surroundings: Surroundings = {
    ...NOTHING_ELSE,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    startBar: barsIn(bars),
    variables,
    openStorage: async (_, side) =>
      side === "primary"
        ? { store: c.store, bucket: c.settings.PRIMARY_BUCKET, region: "eu-central-1" }
        : { store: c.replicaStore, bucket: c.settings.REPLICA_BUCKET, region: "eu-west-1" },
  };
  return runCommandLine(["verify", SOURCE, SNAPSHOT, ...more], surroundings);
};

describe("a whole snapshot", () => {
  it.each([[[]], [["--replica"]]])("is proven, file by file (%j)", async (options) => {
    await seal();
    expect(await verify(...options)).toBe(0);
    expect(out).toEqual([
      expect.stringMatching(
        /^Every checksum is right: 7 objects \(.+\) in test-\w+ hold the database and 60 files, 1 missing\.$/,
      ),
      "Each of the 61 files that the database names is in the index.",
    ]);
    expect(err).toEqual([]);
    const [bar] = bars;
    expect(must(bar).stopped).toBe(true);
    const [done, total] = must(must(bar).shown.at(-1));
    expect(done).toBe(total);
  });
  it("answers in one JSON document", async () => {
    await seal();
    expect(await verify("--json")).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({
      ok: true,
      files: 60,
      missing: 1,
      problems: [],
      closure: { proven: true, named: 61, reason: null },
    });
  });
  it("is read by its oldest versions, though a delete marker hides its manifest", async () => {
    await seal();
    const object = c.store.versions(c.settings.PRIMARY_BUCKET).find(({ key }) => key.endsWith("manifest.json"));
    await c.store.deleteBatch(c.settings.PRIMARY_BUCKET, [{ key: must(object).key }]);
    expect(await verify()).toBe(0);
  });
});

describe("a damaged snapshot", () => {
  it("a damaged byte is found, in its pack and file", async () => {
    await seal();
    const pack = must(manifest.files.packs[1]);
    flip(c, pack.key, 0.5);
    expect(await verify()).toBe(1);
    expect(out.some((text) => text.startsWith(`${pack.key} (file `))).toBe(true);
    expect(err).toEqual([
      expect.stringMatching(/^Snapshot \S+ has \d+ problem\(s\) in test-primary; restore another one\.$/),
    ]);
    // The replica is a copy of its own.
    expect(await verify("--replica")).toBe(0);
  });
  it("a missing pack is found", async () => {
    await seal();
    const { key, versionId } = must(manifest.files.packs[0]);
    await c.store.deleteBatch(c.settings.PRIMARY_BUCKET, [{ key, versionId }], { bypassGovernance: true });
    expect(await verify("--json")).toBe(1);
    const { ok, problems } = JSON.parse(out.join("\n")) as { ok: boolean; problems: { object: string }[] };
    expect(ok).toBe(false);
    expect(problems.map(({ object }) => object)).toContain(key);
  });
  it("a damaged dump is found, and proves nothing", async () => {
    await seal();
    flip(c, dumpOf(manifest).key, 0.5);
    expect(await verify("--json")).toBe(1);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ ok: false, closure: { proven: false } });
  });
  it("a file that the database names and the index leaves out is found, though every checksum is right", async () => {
    const [left = "", ...kept] = KEYS;
    await seal({ files: new Map(kept.map((key) => [key, must(FILES.get(key))])) });
    expect(await verify()).toBe(1);
    expect(out[0]).toBe(`${SNAPSHOT} (file ${left}): The database names the file, and the snapshot's index doesn't.`);
    expect(out[1]).toContain("Every checksum is right");
    expect(await verify("--without-closure")).toBe(0);
  });
  it.each([[[]], [["--without-closure"]]])(
    "a dump that nobody can restore is found, though every checksum is right (%j)",
    async (options) => {
      await seal({ database: dump.subarray(0, -20) });
      expect(await verify(...options)).toBe(1);
      expect(out[0]).toMatch(/is as it was stored, and can't be restored: its database dump ends within its data\.$/);
    },
  );
  it("so is one whose compressed blocks are damaged inside, which only pg_restore can tell", async () => {
    const packed = Buffer.from(pgDumpOf("shop", "-Z6"));
    await seal({ database: packed });
    expect(await verify()).toBe(0);
    // The last block's own checksum; all frames around it are whole.
    packed[packed.length - 8] = (packed[packed.length - 8] ?? 0) ^ 1;
    [c, out, err] = [fakeCollaborators(), [], []];
    await seal({ database: packed });
    expect(await verify("--without-closure")).toBe(1);
    expect(out[0]).toMatch(/can't be restored: pg_restore can't read it to its end \(.*uncompress.*\)\.$/);
  });
  it("a snapshot that isn't there is one sentence", async () => {
    expect(await verify()).toBe(1);
    expect(err).toEqual([
      `The bucket test-primary in eu-central-1 holds no snapshot ${SNAPSHOT} of environment ${SOURCE}; check both names and the region.`,
    ]);
  });
});

describe("the query of then", () => {
  it("is asked, whatever is registered later", async () => {
    await seal();
    c.clock.set(new Date("2026-12-20T00:00:00Z"));
    const { registration: standing, ...rest } = environment(SOURCE);
    const source = { kind: "reference-query", query: "SELECT 'named only later'" };
    const later = registration.parse({ ...standing, files: { ...standing.files, source } });
    await putRegistrationRecord({ ...rest, registration: later }, c);
    expect(await verify()).toBe(0);
    expect(out[1]).toBe("Each of the 61 files that the database names is in the index.");
  });
});

describe("what a snapshot can't keep", () => {
  it("is said with its code", async () => {
    await seal({ manifest: { warnings: ["A table lies elsewhere."], warningCodes: ["ForeignTables"] } });
    expect(await verify()).toBe(0);
    expect(out.at(-1)).toBe("warning: A table lies elsewhere. [ForeignTables]");
    out.length = 0;
    expect(await verify("--json")).toBe(0);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ decoded: true, warnings: [{ code: "ForeignTables" }] });
  });
  it("is not claimed of a database that lies elsewhere", async () => {
    await seal();
    const { dumpSize: _d, segment: _s, ...facts } = dumpOf(manifest);
    const point = {
      ...facts,
      kind: "recovery-point" as const,
      instance: "shop",
      vault: "vault",
      recoveryPointArn: "arn:point",
      copyVault: null,
      copyRecoveryPointArn: null,
      createdAt: manifest.createdAt,
      completedAt: manifest.completedAt,
      deleteAt: manifest.expiresAt,
      backupSize: 1,
      listedBefore: 60,
      listedAfter: 60,
    };
    c = fakeCollaborators();
    await seal({ manifest: { database: point, consistency: "around-recovery-point" } });
    expect(await verify()).toBe(1);
    expect(out[0]).toMatch(/^Every checksum is right: 6 objects \(.+\) in test-primary hold 60 files, 1 missing\.$/);
    expect(out[1]).toBe(
      "The database was not read to its end: it is a recovery point of AWS Backup, which only a restore can read.",
    );
  });
});

describe("closure that can't be proven", () => {
  const reasonOf = async (given: Given): Promise<string> => {
    await seal(given);
    expect(await verify()).toBe(1);
    expect(out).toEqual([expect.stringContaining("Every checksum is right")]);
    expect(await verify("--without-closure")).toBe(0);
    return must(err[0]);
  };
  it.each<[string, () => Given]>([
    ["its files are those that the bucket held", () => ({ manifest: { consistency: "listing" } })],
    ["it was uploaded", () => ({ manifest: { consistency: "uploaded" } })],
    ["is registered by listing", () => ({ query: "listing" })],
    ["its reference query is not the platform's", () => ({ query: OWN_QUERY })],
    ["the dump holds no table system$filedocument", () => ({ database: pgDumpOf("postgres") })],
  ])("is told: %s", async (reason, given) => {
    expect(await reasonOf(given())).toMatch(
      new RegExp(
        `^Whether each file that the database names is there was not proven: .*${reason.replaceAll("$", String.raw`\$`)}.*--without-closure accepts that\\.$`,
      ),
    );
  });
});

describe("a scratch database", () => {
  const address = (database: string): string =>
    `postgres://${postgres.user}@${postgres.host}:${postgres.port}/${database}`;
  beforeEach(() => {
    variables["PGPASSWORD"] = postgres.password;
  });

  it("runs a query of one's own, and must be empty", async () => {
    await postgres.query("postgres", "CREATE DATABASE scratch");
    await seal({ query: OWN_QUERY });
    expect(await verify("--scratch-database", address("scratch"))).toBe(0);
    expect(out[2]).toBe("Each of the 60 files that the database names is in the index.");
    expect(await verify("--scratch-database", address("scratch"))).toBe(2);
    expect(err).toEqual([
      "The scratch database scratch is not empty; create a new one for this, and drop it afterwards.",
    ]);
  });
  it("is filled also by a snapshot whose files prove nothing, such as an upload", async () => {
    await postgres.query("postgres", "CREATE DATABASE scratch_upload");
    await seal({ manifest: { consistency: "uploaded" } });
    expect(await verify("--scratch-database", address("scratch_upload"))).toBe(1);
    expect(out[1]).toBe("The dump was restored into the scratch database.");
    expect(err).toEqual([expect.stringContaining("was not proven: it was uploaded")]);
    expect(await postgres.query("scratch_upload", "SELECT count(*)::int AS n FROM attachments")).toEqual([{ n: 60 }]);
  });
  it("is filled as a restore would fill it, and says what it could not be given", async () => {
    await postgres.query("postgres", "CREATE DATABASE scratch_noted");
    await postgres.query("postgres", "CREATE DATABASE noted TEMPLATE shop");
    await postgres.query(
      "noted",
      "CREATE TABLE divisor (n int); INSERT INTO divisor VALUES (1); CREATE MATERIALIZED VIEW quotient AS SELECT 1 / n AS q FROM divisor; UPDATE divisor SET n = 0",
    );
    await seal({ database: pgDumpOf("noted") });
    expect(await verify("--scratch-database", address("scratch_noted"))).toBe(0);
    expect(out).toContainEqual(expect.stringMatching(/^note: .*quotient.*division by zero.* \[ViewsUnfilled\]$/));
  });
  it("and no closure are not asked for together", async () => {
    expect(await verify("--without-closure", "--scratch-database", address("scratch"))).toBe(2);
    expect(err).toEqual([expect.stringContaining("leave one of them out")]);
  });
  it("is not given with a password in its address", async () => {
    expect(await verify("--scratch-database", "postgres://me:hidden-word@localhost/scratch")).toBe(2);
    expect(err).toEqual([expect.stringContaining("holds a password, which others can read in process lists")]);
    expect(err.join()).not.toContain("hidden-word");
    expect(await verify("--scratch-database", "localhost/scratch")).toBe(2);
  });
});
