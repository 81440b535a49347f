/** Which S3 server the run uses: moto, unless AWS_ENDPOINT_URL_S3 and the usual variables name another. */
import { randomInt } from "node:crypto";
import { probeServer } from "./provision/buckets";
import type { Upstream } from "./gateway/sign";
import { SetupFailure } from "./setup/programs";

const MOTO_ACCOUNT = "123456789012";

/** In every bucket's name: on a server that lasts each run has its own. */
export const chooseAccount = (variables: NodeJS.ProcessEnv): string =>
  variables["AWS_ENDPOINT_URL_S3"] ? `9${String(randomInt(1e11)).padStart(11, "0")}` : MOTO_ACCOUNT;

/** The server that the variables name, which keeps what is not removed; undefined: moto, which forgets by itself. */
export const chooseStore = async (variables: NodeJS.ProcessEnv, region: string): Promise<Upstream | undefined> => {
  const endpoint = variables["AWS_ENDPOINT_URL_S3"];
  if (!endpoint) return undefined;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
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
  return probeServer(upstream, region);
};
