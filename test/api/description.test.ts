/** The API's description is what is committed for readers, and says of every route what a client must know. */
import { join } from "node:path";
import { describe as describeApi, type OpenApiDocument } from "../../lambda/api/openapi-document";
import { SERVICE_VERSION } from "../../lambda/runtime/service-version";
import { golden } from "../support/golden";
import { startApi, type ApiUnderTest } from "./api-client";

const FILE = join(__dirname, "..", "..", "docs", "openapi.json");

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test("is OpenAPI 3.1, open to everybody, and says where the API is", async () => {
  const response = await fetch(`${api.base}/openapi.json`);
  const document = (await response.json()) as OpenApiDocument;
  expect(document.openapi).toBe("3.1.0");
  expect(document.servers).toEqual([{ url: api.base.replace(/\/api\/v2$/, "") }]);
});

test("is the committed docs/openapi.json; after a wished change: UPDATE_GOLDEN=1 npx jest test/api/description && npx oxfmt docs/openapi.json", () => {
  // Where it is and which version is deployed are each service's own.
  const { "x-service-version": version, ...info } = api.document.info;
  expect(version).toBe(SERVICE_VERSION);
  const document = { ...api.document, info, servers: describeApi(api.api).servers };
  expect(document).toEqual(JSON.parse(golden(FILE, JSON.stringify(document, undefined, 2))));
});

test("describes each operation's errors and sign-in, with a name of its own", () => {
  const seen = new Set<string>();
  for (const [path, methods] of Object.entries(api.document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods as Record<string, Record<string, unknown>>)) {
      const name = `${method} ${path}`;
      const { operationId, summary, responses, security } = operation as {
        operationId: string;
        summary: string;
        responses: object;
        security?: readonly unknown[];
      };
      expect({ name, summary: summary.length > 10, isNew: !seen.has(operationId) }).toEqual({
        name,
        summary: true,
        isNew: true,
      });
      seen.add(operationId);
      const statuses = Object.keys(responses);
      const isOpen = path.includes("/links/");
      expect({ name, statuses }).toEqual({
        name,
        statuses: expect.arrayContaining(isOpen ? ["404", "500"] : ["403", "404", "500"]),
      });
      expect({ name, signsIn: (security?.length ?? 0) > 0 }).toEqual({ name, signsIn: !isOpen });
    }
  }
});
