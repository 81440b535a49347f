/** The file of the user's own environment: what it may hold, and whether what it says is there. Only reads. */
import { readFileSync } from "node:fs";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { z } from "zod";
import { databaseInFile, filesRegistration, registration } from "../../lambda/catalog/registration";
import { sslMode } from "../../lambda/catalog/ssl-mode";
import { withConnection } from "../../lambda/database-task/connection";
import { tryReferenceQuery } from "../../lambda/database-task/reference-query";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import type { Upstream } from "../gateway/sign";
import { s3Client } from "../gateway/upstream-store";
import { SetupFailure } from "../setup/programs";
import { taskLogin } from "./environment";
import type { NamedFile } from "./own-places";

/** A registration, with the database's login in place of a secret; what only AWS needs may be left out. */
const ownFile = registration.partial({ appId: true, network: true, region: true }).extend({
  database: databaseInFile.omit({ secret: true }).extend({
    username: z.string().min(1),
    password: z.string(),
    ssl: sslMode.default("disable"),
  }),
  files: filesRegistration,
});
export type OwnFile = z.infer<typeof ownFile>;

export const readOwnFiles = (files: readonly string[]): readonly NamedFile[] => {
  if (files.length > 2)
    throw new SetupFailure("--environment takes one file, or two: the source and the target of the restore.");
  return files.map((file) => ({ file, own: readOwnFile(file) }));
};

const readOwnFile = (file: string): OwnFile => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SetupFailure(`The file ${file} can't be read: ${(error as Error).message}.`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SetupFailure(`The file ${file} is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  const parsed = ownFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: "not valid" };
  const place = path.length === 0 ? "" : ` at ${path.join(".")}`;
  throw new SetupFailure(
    `The file ${file} is not as it should be${place}: ${message}. docs/local-run.md says what it may hold.`,
  );
};

export interface OwnServer {
  readonly file: string;
  readonly database: string;
  readonly major: number;
}

/**
 * Throws SetupFailure when database, reference query or bucket is not there, or refuses us; `asTarget`: also when the
 * login may not make databases, as a restore does.
 */
export const checkOwnFile = async (
  { file, own: { database, files } }: NamedFile,
  s3: Upstream,
  region: string,
  asTarget: boolean,
): Promise<OwnServer> => {
  const { source, bucket, prefix } = files;
  const login = taskLogin(database);
  let major: number;
  try {
    major = await withConnection(login, {}, async (client) => {
      await client.query("SET default_transaction_read_only = on");
      const { rows } = await client.query<{ version: string; creates: boolean }>(
        "SELECT current_setting('server_version_num') AS version, rolcreatedb OR rolsuper AS creates FROM pg_catalog.pg_roles WHERE rolname = current_user",
      );
      if (asTarget && rows[0]?.creates !== true)
        throw new SetupFailure(
          `${file}, database.username: "${database.username}" may not create databases, which a restore into "${database.name}" does; let it (ALTER ROLE … CREATEDB), or name another login.`,
        );
      if (source.kind === "reference-query") await tryReferenceQuery(client, source.query, login);
      return Math.floor(Number(rows[0]?.version) / 10_000);
    });
  } catch (error) {
    if (error instanceof ServiceFailure)
      throw new SetupFailure(`${file}: your environment can't be backed up as its file says: ${error.message}`, {
        cause: error,
      });
    throw error;
  }
  const client = s3Client(s3, region);
  try {
    await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }));
  } catch (error) {
    throw new SetupFailure(
      `${file}: the bucket "${bucket}" can't be listed at ${s3.url.origin}: ${(error as Error).message}; correct files.bucket, AWS_ENDPOINT_URL_S3 or the credentials.`,
      { cause: error },
    );
  }
  return { file, database: database.name, major };
};

/** Throws SetupFailure when a server is newer than this machine's programs, which can't dump it then. */
export const checkOwnServers = (servers: readonly OwnServer[], programsMajor: number): void => {
  for (const { file, database, major } of servers)
    if (major > programsMajor)
      throw new SetupFailure(
        `${file}: the database "${database}" is on PostgreSQL ${major}, which the programs of PostgreSQL ${programsMajor} on this machine can't dump: install PostgreSQL ${major} here.`,
      );
};
