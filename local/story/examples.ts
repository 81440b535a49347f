/** One example each for page, command line and `curl`, ready to be pasted. The key stands here and nowhere else. */
import type { LocalApp } from "../local-app";
import { environmentPath, type ApiClient } from "./api-client";
import { USER } from "./story-context";

export interface ExampleSubject {
  readonly local: LocalApp;
  readonly api: ApiClient;
  readonly region: string;
  readonly stage: string;
  readonly appId: string;
  readonly environmentId: string;
}

/** By these the command line finds the API and signs in. */
export const commandLineVariables = ({ address, key }: ApiClient): Readonly<Record<string, string>> => ({
  BACKUPS_URL: address.replace(/\/$/, ""),
  ...(key === undefined ? {} : { BACKUPS_USERNAME: key.username, BACKUPS_API_KEY: key.key }),
});

export const examples = ({ local, api, region, stage, appId, environmentId }: ExampleSubject): readonly string[] => {
  const { username = "", key = "" } = api.key ?? {};
  const variables = Object.entries(commandLineVariables(api)).map(([name, value]) => `${name}=${value}`);
  return [
    "The page (sign in with this user name and key; they are gone with this run):",
    `  ${api.address}`,
    `  user name  ${username}`,
    `  key        ${key}`,
    "The command line:",
    `  export ${variables.join(" ")}`,
    `  npx backups snapshots ${environmentId}`,
    "The API, with curl:",
    `  curl -H 'Mendix-Username: ${username}' -H 'Mendix-ApiKey: ${key}' ${api.address}api/v2/${environmentPath(appId, environmentId)}snapshots`,
    "What asks with an AWS identity, in another terminal:",
    `  export AWS_ENDPOINT_URL=${local.endpoint.origin} AWS_REGION=${region} AWS_ACCESS_KEY_ID=${USER} AWS_SECRET_ACCESS_KEY=local`,
    `  npx backups --stage ${stage} --account ${local.app.account} keys list`,
    `  aws s3api list-object-versions --bucket ${local.buckets[0]}`,
  ];
};
