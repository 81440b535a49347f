/** The API's own description, OpenAPI 3.1, from the schemas that validate. Anybody may read it. */
import type { Api } from "./api-context";
import { SERVICE_VERSION } from "../runtime/service-version";
import { API_BASE } from "./api-context";

export type OpenApiDocument = ReturnType<Api["getOpenAPI31Document"]>;

const INTRODUCTION =
  "Snapshots of application environments: create, list, comment, download, upload, restore and delete them. " +
  "Times are ISO 8601 in UTC, sizes are bytes. Every failure has the same body with a code and one sentence.";

export function addDescription(api: Api): void {
  const { openAPIRegistry: registry } = api;
  const header = (name: string) => ({ type: "apiKey", in: "header", name }) as const;
  registry.registerComponent("securitySchemes", "username", header("Mendix-Username"));
  registry.registerComponent("securitySchemes", "apiKey", header("Mendix-ApiKey"));
  registry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer", bearerFormat: "JWT" });
  let made: OpenApiDocument | undefined;
  api.get(`${API_BASE}/openapi.json`, (context) => {
    made ??= describe(api);
    // Where it is and which version is deployed are the service's own; everything else is the description's.
    const info = { ...made.info, "x-service-version": SERVICE_VERSION };
    return context.json({ ...made, info, servers: [{ url: context.env.base }] });
  });
}

const ERROR_CONTENT = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
/** What comes before any route: of an address's and a body's form, of its size, and API Gateway's own throttling. */
const BEFORE_ROUTES = {
  400: { description: "INVALID_PARAMETERS: the address holds text that is none", content: ERROR_CONTENT },
  413: { description: "INVALID_PARAMETERS: the body is larger than 64 KiB", content: ERROR_CONTENT },
  415: {
    description: "INVALID_PARAMETERS: the body is compressed, or in a charset that is not known",
    content: ERROR_CONTENT,
  },
  429: {
    description: "SERVICE_UNAVAILABLE: too many requests at the same time",
    headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } },
    content: ERROR_CONTENT,
  },
} as const;
const { 413: _larger, 415: _otherForm, ...FOR_ALL } = BEFORE_ROUTES;

export function describe(api: Api): OpenApiDocument {
  const document = api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Nightly backups",
      version: "2",
      description: INTRODUCTION,
      license: { name: "UNLICENSED", url: "https://docs.npmjs.com/cli/configuring-npm/package-json#license" },
    },
    servers: [
      {
        url: "https://{api}.execute-api.{region}.amazonaws.com/backups",
        description: "The stack's output ApiUrl, without /api/v2.",
        variables: { api: { default: "api" }, region: { default: "eu-central-1" } },
      },
    ],
  });
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path.get, path.delete]) withAnswers(operation, FOR_ALL);
    for (const operation of [path.post, path.put]) withAnswers(operation, BEFORE_ROUTES);
  }
  return document;
}

function withAnswers(operation: { responses?: object } | undefined, answers: object): void {
  if (operation !== undefined) operation.responses = { ...answers, ...operation.responses };
}
