/** The API function, behind API Gateway. What it may do is what any of its callers may be allowed to do. */
import { setTimeout } from "node:timers/promises";
import { createTokens } from "../access/tokens-client";
import type { InvocationContext } from "../runtime/create-handler";
import { createCollaborators } from "../runtime/create-collaborators";
import { RdsDatabases } from "../runtime/databases-client";
import { createPresigner } from "../runtime/presigner-client";
import type { Api } from "./api-context";
import { createApi } from "./app";
import { API_SETTINGS_VARIABLE, apiSettings } from "./contract";
import { answerProxyEvent, type ProxyAnswer, type ProxyEvent } from "./proxy-event";

/** API Gateway gives an answer up after 29 seconds. */
const ANSWER_MS = 29_000;

const create = (serviceName: string): Api => {
  const lasting = createCollaborators(serviceName);
  const api = apiSettings.parse(JSON.parse(process.env[API_SETTINGS_VARIABLE] ?? "null"));
  const { REGION: region, DOWNLOAD_ROLE_ARN: downloadRoleArn } = lasting.settings;
  if (downloadRoleArn === undefined) throw new Error("The setting DOWNLOAD_ROLE_ARN is missing.");
  return createApi({
    ...lasting,
    remainingMs: () => ANSWER_MS,
    api,
    tokens: createTokens(api.oidc, lasting.clock),
    presigner: createPresigner(region, downloadRoleArn, lasting.clock, process.env),
    databases: new RdsDatabases({ region }),
    pause: (milliseconds) => setTimeout(milliseconds),
  });
};

let api: Api | undefined;

export const handler = (event: ProxyEvent, context: InvocationContext): Promise<ProxyAnswer> => {
  api ??= create(context.functionName ?? "api");
  return answerProxyEvent(api, event);
};
