/**
 * Makes a sample environment: a database with its own owner and an administrator like that of RDS (no superuser),
 * a bucket with files, a tagged secret; and changes it between nights. The same seed makes the same data.
 */
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { DeleteObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DEFAULT_REFERENCE_QUERY } from "../../lambda/catalog/registration";
import type { Upstream } from "../gateway/sign";
import { s3Client } from "../gateway/upstream-store";
import { createBucket, type BucketRequest } from "../provision/buckets";
import type { PostgresServer } from "../servers/postgres";
import { withDatabase, type DatabaseLogin, type LocalEnvironment } from "./environment";
import { putFiles, sampleUuid, type SampleFile } from "./sample-files";
import { SAMPLE_SCHEMA, sampleRows } from "./sample-schema";

export interface SampleOptions {
  readonly environmentId: string;
  readonly appId: string;
  readonly seed: string;
  readonly scale: number;
  readonly region: string;
  readonly account: string;
  readonly files: readonly SampleFile[];
  /** Files in the bucket that the database does not name. */
  readonly unnamed: readonly SampleFile[];
  /** Files that the database names and the bucket does not have. */
  readonly missing: readonly string[];
  readonly postgres: PostgresServer;
  readonly s3: Upstream;
  readonly moto: Upstream;
  readonly tag: { readonly Key: string; readonly Value: string };
  /** Hears of every bucket before it is made. */
  readonly onBucket: (bucket: BucketRequest) => void;
}

export const createSample = async (options: SampleOptions): Promise<LocalEnvironment> => {
  const { environmentId, appId, region, account, postgres, s3 } = options;
  const name = environmentId.replaceAll("-", "_");
  const administrator = { username: `${name}_admin`, password: `${sampleUuid(`${options.seed} password`)}'"\\ ` };
  await createDatabase(postgres, name, administrator);
  const database: DatabaseLogin = { host: postgres.host, port: postgres.port, name, ...administrator, ssl: "disable" };
  await fillDatabase({ ...database, username: `${name}_owner`, password: administrator.password }, options);
  const bucket = `${environmentId}-${account}-files`;
  options.onBucket({ name: bucket, region });
  await createBucket(s3, { name: bucket, region });
  await putFiles(s3Client(s3, region), bucket, [...options.files, ...options.unnamed]);
  const secret = await createSecret(options, administrator);
  await createInstance(options);
  return {
    environmentId,
    database,
    bucket,
    prefix: "",
    referenceQuery: DEFAULT_REFERENCE_QUERY,
    registration: {
      environmentId,
      appId,
      region,
      modelVersion: "1.0.0",
      database: { instance: environmentId, host: database.host, port: database.port, name, secret, ssl: "disable" },
      network: { subnets: ["subnet-0local"], securityGroups: ["sg-0local"] },
      files: { bucket },
    },
  };
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const literal = (text: string): string =>
  text.includes("\\") ? ` E${quoted(text.replaceAll("\\", "\\\\"))}` : quoted(text);

const createDatabase = async (
  postgres: PostgresServer,
  name: string,
  administrator: { username: string; password: string },
): Promise<void> => {
  const superuser: DatabaseLogin = {
    host: postgres.host,
    port: postgres.port,
    name: "postgres",
    username: postgres.superuser,
    password: postgres.password,
    ssl: "disable",
  };
  await withDatabase(
    superuser,
    async (client) => {
      const password = literal(administrator.password);
      await client.query("DO $$ BEGIN CREATE ROLE sample_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
      await client.query(`CREATE ROLE ${name}_owner LOGIN PASSWORD ${password}`);
      await client.query(
        `CREATE ROLE ${administrator.username} LOGIN CREATEDB CREATEROLE PASSWORD ${password} IN ROLE ${name}_owner, pg_signal_backend`,
      );
      await client.query(`CREATE DATABASE ${name} OWNER ${name}_owner TEMPLATE template0 ENCODING 'UTF8'`);
      await client.query(`ALTER DATABASE ${name} SET lock_timeout = '17s'`);
      await client.query(`ALTER DATABASE ${name} CONNECTION LIMIT 40`);
    },
    true,
  );
};

const fillDatabase = (owner: DatabaseLogin, { seed, scale, files, missing }: SampleOptions): Promise<void> =>
  withDatabase(
    owner,
    async (client) => {
      await client.query(SAMPLE_SCHEMA);
      for (const insert of sampleRows(seed, scale)) await client.query(insert);
      await nameFiles(
        client,
        1,
        files.map(({ key, size }, index) => ({ key, size, thumbnail: index % 11 === 5 })),
      );
      await nameFiles(
        client,
        900_000,
        missing.map((key) => ({ key, size: 1, thumbnail: false })),
      );
      // Named, but left out of backups: without contents, or gone after the next download.
      await client.query(`INSERT INTO "system$filedocument" VALUES
      (990001, '${sampleUuid(`${seed} no contents`)}', false, 'Shop.Draft', NULL, 'draft', 0, now()),
      (990002, '${sampleUuid(`${seed} download`)}', true, 'Shop.Export', true, 'export', 10, now())`);
      await client.query("ANALYZE");
    },
    true,
  );

const nameFiles = async (
  client: { query(text: string, values: unknown[]): Promise<unknown> },
  firstId: number,
  files: readonly { readonly key: string; readonly size: number; readonly thumbnail: boolean }[],
): Promise<void> => {
  await client.query(
    `INSERT INTO "system$filedocument"
      SELECT $1::bigint + ordinality, key, NOT thumbnail, CASE WHEN thumbnail THEN 'System.Thumbnail' ELSE 'Shop.Document' END,
        CASE WHEN ordinality % 2 = 0 THEN false END, 'file ' || ordinality, size, timestamp '2026-01-01'
      FROM unnest($2::text[], $3::bigint[], $4::boolean[]) WITH ORDINALITY AS f (key, size, thumbnail, ordinality)`,
    [firstId, files.map(({ key }) => key), files.map(({ size }) => size), files.map(({ thumbnail }) => thumbnail)],
  );
};

const createSecret = async (
  { environmentId, moto, region, tag }: SampleOptions,
  login: { username: string; password: string },
): Promise<string> => {
  const client = new SecretsManagerClient({ endpoint: moto.url.href, region, credentials: moto.credentials });
  const secret = await client.send(
    new CreateSecretCommand({ Name: `${environmentId}/database`, SecretString: JSON.stringify(login), Tags: [tag] }),
  );
  return secret.ARN ?? "";
};

/** What RDS would know of the server that the database is on; here it only answers the question for its status. */
const createInstance = async ({ environmentId, moto, region }: SampleOptions): Promise<void> => {
  const client = new RDSClient({ endpoint: moto.url.href, region, credentials: moto.credentials });
  await client.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: environmentId,
      DBInstanceClass: "db.t4g.small",
      Engine: "postgres",
      EngineVersion: "15.12",
      AllocatedStorage: 20,
      MasterUsername: "administrator",
      ManageMasterUserPassword: true,
    }),
  );
};

export interface SampleChange {
  readonly environment: LocalEnvironment;
  /** Different for every change. */
  readonly seed: string;
  readonly add: readonly SampleFile[];
  readonly remove: readonly SampleFile[];
}

/** What an app's users do in a day: rows come, change and go, and so do files. Files are never overwritten. */
export const changeSample = async (
  { environment, seed, add, remove }: SampleChange,
  client: S3Client,
): Promise<void> => {
  await putFiles(client, environment.bucket, add);
  await withDatabase(
    environment.database,
    async (database) => {
      await database.query(`SET ROLE ${environment.database.name}_owner`);
      await nameFiles(
        database,
        100_000 + Number.parseInt(sampleUuid(seed).slice(0, 6), 16),
        add.map(({ key, size }) => ({ key, size, thumbnail: false })),
      );
      await database.query('DELETE FROM "system$filedocument" WHERE "__uuid__" = ANY($1)', [
        remove.map(({ key }) => key),
      ]);
      await database.query(
        `INSERT INTO purchase (customer_id, placed, total) SELECT i, now(), i FROM generate_series(1, 200) i`,
      );
      await database.query("UPDATE customer SET credit = credit + 1 WHERE id % 13 = 0");
      await database.query("DELETE FROM address WHERE id % 101 = 3");
      await database.query(
        `INSERT INTO attachment (contract_id, content) SELECT 1, lo_from_bytea(0, convert_to(repeat('${seed} ', 5000), 'UTF8'))`,
      );
      await database.query("SELECT nextval('invoice_number') FROM generate_series(1, 25)");
    },
    true,
  );
  for (const { key } of remove) await client.send(new DeleteObjectCommand({ Bucket: environment.bucket, Key: key }));
};
