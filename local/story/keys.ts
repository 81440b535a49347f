/** Keys for the API, made as `npx backups keys create` makes them. They stand in memory, and on the screen at the end. */
import type { AccessRequest, AccessResponse } from "../../lambda/access/contract";
import type { Grant } from "../../lambda/catalog/items";
import type { LocalApp } from "../local-app";
import type { ApiKey } from "./api-client";
import type { Secrets } from "./secrets";
import { functionNamed, USER } from "./story-context";

export const makeKey = async (
  local: LocalApp,
  secrets: Secrets,
  username: string,
  grants: readonly Grant[],
): Promise<ApiKey> => {
  const request: AccessRequest = {
    action: "create-key",
    principal: username,
    label: "npm start",
    grants: [...grants],
    by: USER,
  };
  const arn = functionNamed(local, "access").attribute("Arn");
  const answer = (await local.functions.invoke(arn, request)) as AccessResponse;
  if (!answer.ok || !("key" in answer)) throw new Error(`No key could be made: ${answer.message}`);
  secrets.add(answer.key);
  return { username, key: answer.key };
};
