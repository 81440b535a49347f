/**
 * Two environments of one app, small enough to be backed up and restored hundreds of times: a database with rows, a
 * sequence, a large object and bytea, and at most 20 files. What they hold is compared in full.
 */
import { createHash } from "node:crypto";
import { isoSeconds } from "../../lambda/catalog/catalog";
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { putRegistrationRecord } from "../../lambda/catalog/records";
import { environmentItem, registrationOf } from "../backup/environment-fixture";
import { registration } from "../../lambda/catalog/registration";
import type { ReplicationClass } from "../../lambda/storage/object-keys";
import { FILES_BUCKET } from "../support/collaborators";
import type { PostgresServer } from "../support/postgres";
import type { SimulatedService } from "./simulated-service";

export const SOURCE = "shop-production";
export const TARGET = "shop-acceptance";
const DATABASES = { [SOURCE]: "crash_source", [TARGET]: "crash_target" } as const;
const TARGET_TEMPLATE = "crash_target_template";
export type EnvironmentName = keyof typeof DATABASES;

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const contentOf = (environment: EnvironmentName, number: number): Buffer =>
  Buffer.from(`${environment === SOURCE ? "source" : "target"} file ${number}\n`.repeat(number * 7));

/** Numbers of the files that each environment's database names; 1 to 3 are the same at both. */
const SOURCE_FILES = [1, 2, 3, 11, 12, 13, 14, 15];
const TARGET_FILES = [1, 2, 3, 21, 22];
/** Stands at the target with other bytes and attributes than the source's: a restore puts the source's over it. */
const OVERWRITTEN_FILE = 12;
/** At the target, but named by nobody: no restore may touch it. */
const STRAY_FILE = "stray-file";

export const createDatabases = async (postgres: PostgresServer): Promise<void> => {
  await fill(postgres, DATABASES[SOURCE], "source", SOURCE_FILES);
  await fill(postgres, TARGET_TEMPLATE, "target", TARGET_FILES);
};

const fill = async (
  postgres: PostgresServer,
  database: string,
  mark: string,
  files: readonly number[],
): Promise<void> => {
  await postgres.query("postgres", `CREATE DATABASE "${database}"`);
  await postgres.query(
    database,
    `CREATE TABLE customer (id serial PRIMARY KEY, name text, photo bytea);
     INSERT INTO customer (name, photo) SELECT '${mark} ' || n, decode(md5(n::text), 'hex') FROM generate_series(1, 20) n;
     SELECT lo_from_bytea(4711, '${mark}');
     CREATE TABLE "system$filedocument" ("__uuid__" varchar(36) PRIMARY KEY, hascontents boolean, submetaobjectname text, deleteafterdownload boolean);
     INSERT INTO "system$filedocument" VALUES ${files.map((number) => `('${uuid(number)}', true, NULL, false)`).join(", ")};`,
  );
};

export interface SmallWorld {
  readonly service: SimulatedService;
  readonly postgres: PostgresServer;
}

/** Both environments registered, with their files; the target's database fresh from its template. */
export const furnish = async (
  { service, postgres }: SmallWorld,
  replication: ReplicationClass = "replicated",
): Promise<void> => {
  for (const number of SOURCE_FILES) await putFile(service, SOURCE, uuid(number), contentOf(SOURCE, number));
  for (const number of TARGET_FILES) {
    const of = number <= 3 ? SOURCE : TARGET;
    await putFile(service, TARGET, uuid(number), contentOf(of, number), of);
  }
  await putFile(service, TARGET, uuid(OVERWRITTEN_FILE), contentOf(TARGET, OVERWRITTEN_FILE));
  await putFile(service, TARGET, STRAY_FILE, Buffer.from("nobody names me"));
  service.base.store.resetRequests();
  await recreateTarget(postgres);
  for (const [environmentId, name] of Object.entries(DATABASES)) {
    const environment: EnvironmentItem = environmentItem(environmentId, {
      registration: registration.parse(
        registrationOf(environmentId, {
          database: { host: postgres.host, port: postgres.port, name, secret: "secret", ssl: "disable" },
          files: { bucket: FILES_BUCKET, prefix: `${environmentId}/` },
        }),
      ),
      running: environmentId === SOURCE,
      replication,
    });
    await putRegistrationRecord(environment, { ...service.base, store: service.store });
    await service.base.catalog.createEnvironment(environment);
  }
};

/** A change between two snapshots: one file more, one less, one row more. Undone with `changeBack`. */
export const change = async ({ service, postgres }: SmallWorld): Promise<void> => {
  await putFile(service, SOURCE, uuid(16), contentOf(SOURCE, 16));
  await postgres.query(
    DATABASES[SOURCE],
    `INSERT INTO "system$filedocument" VALUES ('${uuid(16)}', true, NULL, false);
     DELETE FROM "system$filedocument" WHERE "__uuid__" = '${uuid(11)}';
     INSERT INTO customer (id, name) VALUES (99, 'between two snapshots');`,
  );
};
export const changeBack = async ({ postgres }: SmallWorld): Promise<void> => {
  await postgres.query(
    DATABASES[SOURCE],
    `DELETE FROM "system$filedocument" WHERE "__uuid__" = '${uuid(16)}';
     INSERT INTO "system$filedocument" VALUES ('${uuid(11)}', true, NULL, false) ON CONFLICT DO NOTHING;
     DELETE FROM customer WHERE id = 99;`,
  );
};

const putFile = (
  service: SimulatedService,
  environment: string,
  name: string,
  body: Buffer,
  of = environment,
): Promise<unknown> =>
  service.store.put({
    bucket: FILES_BUCKET,
    key: `${environment}/${name}`,
    body,
    attributes: { contentType: "text/plain", metadata: { of }, tags: { of } },
  });

/** The target's database as it was made. */
export const recreateTarget = async (postgres: PostgresServer): Promise<void> => {
  const leftovers = await postgres.query(
    "postgres",
    "SELECT datname FROM pg_database WHERE datname LIKE 'crash_target\\_\\_%' OR datname = 'crash_target'",
  );
  for (const { datname } of leftovers)
    await postgres.query("postgres", `DROP DATABASE "${datname as string}" WITH (FORCE)`);
  await postgres.query("postgres", `CREATE DATABASE crash_target TEMPLATE "${TARGET_TEMPLATE}"`);
};

export interface Contents {
  readonly rows: readonly string[];
  /** Name without the environment's prefix → SHA-256. */
  readonly files: Readonly<Record<string, string>>;
  /** Databases beside the live one. */
  readonly databasesBeside: readonly string[];
}

export const contentsOf = async (
  { service, postgres }: SmallWorld,
  environment: EnvironmentName,
): Promise<Contents> => {
  const name = DATABASES[environment];
  const rows = await postgres.query(
    name,
    `SELECT 'customer ' || c::text AS line FROM customer c
     UNION ALL SELECT 'file ' || "__uuid__" FROM "system$filedocument"
     UNION ALL SELECT 'large object ' || encode(lo_get(oid), 'escape') FROM pg_largeobject_metadata
     UNION ALL SELECT 'sequence ' || last_value FROM customer_id_seq
     ORDER BY 1`,
  );
  const beside = await postgres.query("postgres", "SELECT datname FROM pg_database WHERE datname LIKE $1", [
    `${name}\\_\\_%`,
  ]);
  const prefix = `${environment}/`;
  const files = service.base.store
    .versions(FILES_BUCKET)
    .filter((version) => version.key.startsWith(prefix))
    .map(
      (version) => [version.key.slice(prefix.length), createHash("sha256").update(version.body).digest("hex")] as const,
    );
  return {
    rows: rows.map(({ line }) => line as string),
    files: Object.fromEntries(files),
    databasesBeside: beside.map(({ datname }) => datname as string),
  };
};

/** Of each file at the target what S3 keeps beside its bytes, by name; after a complete restore, the source's where it has the file. */
export const attributesOf = (
  { service }: SmallWorld,
  environment: EnvironmentName = TARGET,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    service.base.store
      .versions(FILES_BUCKET)
      .filter(({ key }) => key.startsWith(`${environment}/`))
      .map(({ key, attributes: { contentType, metadata, tags } = {} }) => [
        key.slice(environment.length + 1),
        { contentType, metadata, tags },
      ]),
  );
export const restoredAttributes = async (world: SmallWorld): Promise<Readonly<Record<string, unknown>>> => {
  const both = { ...attributesOf(world), ...attributesOf(world, SOURCE) };
  const { files } = await restoredContents(world);
  return Object.fromEntries(Object.entries(both).filter(([name]) => files[name] !== undefined));
};

/** What the target holds after a complete restore of the source. */
export const restoredContents = async (world: SmallWorld): Promise<Contents> => {
  const source = await contentsOf(world, SOURCE);
  const target = await contentsOf(world, TARGET);
  const named = new Set(TARGET_FILES.map(uuid));
  const kept = Object.entries(target.files).filter(([name]) => !named.has(name) || source.files[name] !== undefined);
  return {
    rows: source.rows,
    files: Object.fromEntries([...kept, ...Object.entries(source.files)]),
    databasesBeside: [],
  };
};

export const now = (service: SimulatedService): string => isoSeconds(service.base.clock.now());
