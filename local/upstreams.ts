/** Which S3 server the run uses: moto, unless AWS_ENDPOINT_URL_S3 and the usual variables name another. */
import { randomInt } from "node:crypto";
import { probeServer } from "./provision/buckets";
import type { Upstream } from "./gateway/sign";
import { SetupFailure } from "./setup/programs";

export interface ChosenStore {
  readonly s3: Upstream;
  /** False for moto, which forgets everything by itself. */
  readonly lasting: boolean;
  /** In every bucket's name: on a lasting server each run has its own. */
  readonly account: string;
}

const MOTO_ACCOUNT = "123456789012";

export const chooseAccount = (variables: NodeJS.ProcessEnv): string =>
  variables["AWS_ENDPOINT_URL_S3"] ? `9${String(randomInt(1e11)).padStart(11, "0")}` : MOTO_ACCOUNT;

export const chooseStore = async (
  variables: NodeJS.ProcessEnv,
  moto: Upstream,
  region: string,
  account: string,
): Promise<ChosenStore> => {
  const endpoint = variables["AWS_ENDPOINT_URL_S3"];
  if (!endpoint) return { s3: moto, lasting: false, account };
  if (!URL.canParse(endpoint))
    throw new SetupFailure(
      `AWS_ENDPOINT_URL_S3 is "${endpoint}", which is no URL; give one such as http://127.0.0.1:9000.`,
    );
  const accessKeyId = variables["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = variables["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = variables["AWS_SESSION_TOKEN"];
  if (!accessKeyId || !secretAccessKey) {
    throw new SetupFailure(
      "AWS_ENDPOINT_URL_S3 is set, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not: set the credentials of that S3 server.",
    );
  }
  const serverRegion = variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"];
  const upstream: Upstream = {
    url: new URL(endpoint),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    ...(serverRegion ? { region: serverRegion } : {}),
  };
  return { s3: await probeServer(upstream, region), lasting: true, account };
};
