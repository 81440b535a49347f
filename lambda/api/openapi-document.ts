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

export const describe = (api: Api): OpenApiDocument =>
  api.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Nightly backups", version: "2", description: INTRODUCTION },
  });
