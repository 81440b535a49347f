/**
 * The user's own environments: read as they are and never changed. The restore goes into a scratch database and a
 * scratch bucket, which are gone afterwards, unless a second file names a target. Passwords stay in memory and in
 * the private moto.
 */
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Upstream } from "../gateway/sign";
import { createBucket, type BucketRequest } from "../provision/buckets";
import type { DatabaseLogin, LocalEnvironment } from "./environment";
import type { OwnFile } from "./own-file";
import { createScratchDatabase, type ScratchSurroundings } from "./scratch-database";

export interface OwnSurroundings extends ScratchSurroundings {
  readonly region: string;
  readonly account: string;
  readonly s3: Upstream;
  readonly moto: Upstream;
  readonly tag: { readonly Key: string; readonly Value: string };
  /** Hears of every bucket before it is made. */
  readonly onBucket: (bucket: BucketRequest) => void;
}

export const prepareOwnEnvironment = async (
  first: OwnFile,
  second: OwnFile | undefined,
  surroundings: OwnSurroundings,
): Promise<{ source: LocalEnvironment; target: LocalEnvironment }> => {
  const source: LocalEnvironment = { ...(await asEnvironment(first, first, surroundings)), untouched: true };
  const target =
    second === undefined
      ? await scratchTarget(first, source, surroundings)
      : await asEnvironment(second, first, surroundings);
  return { source, target };
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

/** A database on the private server and an empty bucket, which are gone after the run. */
const scratchTarget = async (
  own: OwnFile,
  source: LocalEnvironment,
  surroundings: OwnSurroundings,
): Promise<LocalEnvironment> => {
  const { s3, account, region, onBucket } = surroundings;
  const database = await createScratchDatabase(source.database, surroundings);
  const bucket = `${account}-${database.name.replaceAll("_", "-")}-files`;
  onBucket({ name: bucket, region });
  await createBucket(s3, { name: bucket, region });
  const target: OwnFile = {
    ...own,
    environmentId: `${own.environmentId.slice(0, 50)}-scratch`,
    database: { ...own.database, ...database, instance: null },
    files: { ...own.files, bucket, prefix: "" },
  };
  return asEnvironment(target, own, surroundings);
};
