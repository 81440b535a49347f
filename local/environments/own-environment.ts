/**
 * The user's own environments: read as they are and never changed. The restore goes into a scratch database and a
 * scratch bucket, which are gone afterwards, unless a second file names a target. Passwords stay in memory and in
 * the private moto.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import { filesRegistration, registration } from "../../lambda/catalog/registration";
import type { Upstream } from "../gateway/sign";
import { createBucket, type BucketRequest } from "../provision/buckets";
import type { PostgresServer } from "../servers/postgres";
import { SetupFailure } from "../setup/programs";
import { withDatabase, type DatabaseLogin, type LocalEnvironment } from "./environment";

/** A registration, with the database's login in place of a secret; what only AWS needs may be left out. */
const ownFile = registration.partial({ appId: true, network: true, region: true }).extend({
  database: registration.shape.database.omit({ secret: true }).extend({
    username: z.string().min(1),
    password: z.string(),
    ssl: z.enum(["disable", "require", "verify-full"]).default("disable"),
  }),
  files: filesRegistration,
});
type OwnFile = z.infer<typeof ownFile>;

export interface OwnSurroundings {
  readonly region: string;
  readonly account: string;
  readonly postgres: PostgresServer;
  readonly postgresMajor: number;
  readonly s3: Upstream;
  readonly moto: Upstream;
  readonly tag: { readonly Key: string; readonly Value: string };
  readonly undo: (() => Promise<void>)[];
  /** Hears of every bucket before it is made. */
  readonly onBucket: (bucket: BucketRequest) => void;
}

export const prepareOwnEnvironment = async (
  files: readonly string[],
  surroundings: OwnSurroundings,
): Promise<{ source: LocalEnvironment; target: LocalEnvironment }> => {
  const [first, second, ...more] = files.map(readOwnFile);
  if (first === undefined || more.length > 0)
    throw new SetupFailure("--environment takes one file, or two: the source and the target of the restore.");
  const source: LocalEnvironment = { ...(await asEnvironment(first, first, surroundings)), untouched: true };
  const target =
    second === undefined
      ? await scratchTarget(first, source, surroundings)
      : await asEnvironment(second, first, surroundings);
  return { source, target };
};

const readOwnFile = (file: string): OwnFile => {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SetupFailure(`${file} cannot be read as JSON: ${(error as Error).message}.`, { cause: error });
  }
  const parsed = ownFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: "is not valid" };
  throw new SetupFailure(
    `${file}, ${path.join(".")}: ${message}; a registration with database.username and database.password is expected.`,
  );
};

/** `app` gives what both must share. */
const asEnvironment = async (own: OwnFile, app: OwnFile, surroundings: OwnSurroundings): Promise<LocalEnvironment> => {
  const { username, password, ...address } = own.database;
  const login: DatabaseLogin = {
    host: address.host,
    port: address.port,
    name: address.name,
    username,
    password,
    ssl: address.ssl,
  };
  const secret = await createSecret(own.environmentId, login, surroundings);
  return {
    environmentId: own.environmentId,
    database: login,
    bucket: own.files.bucket,
    prefix: own.files.prefix,
    ...(own.files.source.kind === "reference-query" ? { referenceQuery: own.files.source.query } : {}),
    registration: {
      ...own,
      appId: app.appId ?? app.environmentId,
      region: surroundings.region,
      network: own.network ?? { subnets: ["subnet-0local"], securityGroups: ["sg-0local"] },
      database: { ...address, secret },
    },
  };
};

const createSecret = async (
  environmentId: string,
  { username, password }: DatabaseLogin,
  { moto, region, tag }: OwnSurroundings,
): Promise<string> => {
  const client = new SecretsManagerClient({ endpoint: moto.url.href, region, credentials: moto.credentials });
  const secret = await client.send(
    new CreateSecretCommand({
      Name: `${environmentId}/database`,
      SecretString: JSON.stringify({ username, password }),
      Tags: [tag],
    }),
  );
  return secret.ARN ?? "";
};

/** An empty database on the private server, or on the source's own when that one is newer, and an empty bucket. */
const scratchTarget = async (
  own: OwnFile,
  source: LocalEnvironment,
  surroundings: OwnSurroundings,
): Promise<LocalEnvironment> => {
  const { postgres, postgresMajor, s3, account, region, undo, onBucket } = surroundings;
  const name = `backups_scratch_${randomBytes(4).toString("hex")}`;
  const { major, encoding, collate, ctype } = await describeServer(source.database);
  const isNewer = major > postgresMajor;
  const server: DatabaseLogin = isNewer
    ? source.database
    : {
        host: postgres.host,
        port: postgres.port,
        name: "postgres",
        username: postgres.superuser,
        password: postgres.password,
        ssl: "disable",
      };
  await withDatabase(
    server,
    async (client) => {
      const locale = isNewer
        ? ` ENCODING '${encoding}' LC_COLLATE '${collate}' LC_CTYPE '${ctype}'`
        : ` ENCODING '${encoding}'`;
      await client.query(`CREATE DATABASE ${name} TEMPLATE template0${locale}`);
    },
    true,
  );
  if (isNewer)
    undo.push(() =>
      withDatabase(
        server,
        async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
        true,
      ),
    );
  if (!isNewer) await createRoles(source.database, server);
  const bucket = `${account}-${name.replaceAll("_", "-")}-files`;
  onBucket({ name: bucket, region });
  await createBucket(s3, { name: bucket, region });
  const target: OwnFile = {
    ...own,
    environmentId: `${own.environmentId.slice(0, 50)}-scratch`,
    database: {
      ...own.database,
      instance: null,
      host: server.host,
      port: server.port,
      name,
      username: server.username,
      password: server.password,
      ssl: server.ssl,
    },
    // An empty database has no table that a reference query could ask.
    files: { bucket, prefix: "", source: { kind: "listing" } },
  };
  return asEnvironment(target, own, surroundings);
};

interface ServerDescription {
  readonly major: number;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
}
const describeServer = (login: DatabaseLogin): Promise<ServerDescription> =>
  withDatabase(login, async (client) => {
    const { rows } = await client.query<{ version: string; encoding: string; collate: string; ctype: string }>(
      `SELECT current_setting('server_version_num') AS version, pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype
        FROM pg_database WHERE datname = current_database()`,
    );
    const [found] = rows;
    return {
      major: Math.floor(Number(found?.version) / 10_000),
      encoding: found?.encoding ?? "UTF8",
      collate: found?.collate ?? "C",
      ctype: found?.ctype ?? "C",
    };
  });

/** Row-security policies name roles, which a private server does not have. They get no login. */
const createRoles = async (from: DatabaseLogin, server: DatabaseLogin): Promise<void> => {
  const names = await withDatabase(from, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT DISTINCT unnest(roles)::text AS name FROM pg_policies",
    );
    return rows.map(({ name }) => name).filter((name) => name !== "public");
  });
  await withDatabase(
    server,
    async (client) => {
      for (const name of names) {
        await client.query(
          `DO $$ BEGIN CREATE ROLE "${name.replaceAll('"', '""')}"; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
        );
      }
    },
    true,
  );
};
