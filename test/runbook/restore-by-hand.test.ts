/**
 * The article for the day on which the service is gone: its blocks, as they stand there, one after the other, in one
 * session of bash, with nothing but the replica bucket. What comes out is compared with what was backed up.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { backUp } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { contentsOf, furnish, SOURCE, type SmallWorld } from "../crash/small-world";
import { REPLICA_BUCKET } from "../support/collaborators";
import { createMotoBucket, motoCredentials, startMoto, type Moto } from "../support/moto";
import type { PostgresServer } from "../support/postgres";
import { blocksOf } from "./articles";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

const REGION = "eu-west-1";
const folder = mkdtempSync(join(tmpdir(), "by-hand-"));
let postgres: PostgresServer;
let moto: Moto;
withSmallDatabases((server) => void (postgres = server));
beforeAll(async () => void (moto = await startMoto()));
afterAll(async () => {
  await moto?.stop();
  rmSync(folder, { recursive: true });
});

test("the article's commands bring back database and files from the replica bucket alone", async () => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await furnish(world);
  const snapshotId = await backUp(world);
  const should = await contentsOf(world, SOURCE);
  await copyReplica(world);

  const blocks = blocksOf("restore-by-hand.md");
  expect(blocks.length).toBeGreaterThanOrEqual(5);
  const script = blocks
    .join("\n")
    .replace(/^B=.*$/m, `B=${REPLICA_BUCKET}`)
    .replace(/^E=.*$/m, `E=${SOURCE}`)
    .replace("/SNAPSHOT/", `/${snapshotId}/`)
    .replace("s3://PLACE", "s3://place/prefix");
  expect(script).toContain(snapshotId);
  const run = spawnSync("bash", ["--norc", "-c", script], {
    cwd: folder,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${postgres.programsPattern.replace("{major}", String(postgres.major))}:${process.env["PATH"] ?? ""}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL: moto.endpoint,
      PGHOST: postgres.host,
      PGPORT: String(postgres.port),
      PGUSER: postgres.user,
      PGPASSWORD: postgres.password,
    },
  });
  expect([run.status, run.stderr]).toEqual([0, ""]);

  const rows = await postgres.query(
    "restored",
    `SELECT 'customer ' || c::text AS line FROM customer c UNION ALL SELECT 'file ' || "__uuid__" FROM "system$filedocument"
     UNION ALL SELECT 'large object ' || encode(lo_get(oid), 'escape') FROM pg_largeobject_metadata
     UNION ALL SELECT 'sequence ' || last_value FROM customer_id_seq ORDER BY 1`,
  );
  expect(rows.map(({ line }) => line as string)).toEqual(should.rows);
  expect(filesIn(join(folder, "files"))).toEqual(should.files);
  const store = new S3Store(createS3Client({ region: REGION, endpoint: moto.endpoint, credentials: motoCredentials }));
  const { versions } = await store.listVersions("place", { prefix: "prefix/" });
  expect(versions.map(({ key }) => key.slice("prefix/".length)).toSorted()).toEqual(
    Object.keys(should.files).toSorted(),
  );
}, 180_000);

/** The replica bucket as AWS would still have it: every version, on a server. */
const copyReplica = async ({ service }: SmallWorld): Promise<void> => {
  await createMotoBucket(moto, REPLICA_BUCKET, { region: REGION, objectLock: true });
  await createMotoBucket(moto, "place", { region: REGION });
  const store = new S3Store(createS3Client({ region: REGION, endpoint: moto.endpoint, credentials: motoCredentials }));
  for (const { key, body } of service.base.replicaStore.versions(REPLICA_BUCKET))
    await store.put({ bucket: REPLICA_BUCKET, key, body: Buffer.from(body) });
};

/** Name → SHA-256. */
const filesIn = (place: string): Readonly<Record<string, string>> =>
  existsSync(place)
    ? Object.fromEntries(
        readdirSync(place).map((name) => [
          name,
          createHash("sha256")
            .update(readFileSync(join(place, name)))
            .digest("hex"),
        ]),
      )
    : {};
