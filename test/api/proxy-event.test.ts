/** API Gateway's events: where the API is, what a request holds, and the function's own entry point. */
import { answerProxyEvent, type ProxyEvent } from "../../lambda/api/proxy-event";
import { createApiWorld, PRODUCTION, type ApiWorld } from "../support/api-world";
import { signInHeaders } from "./api-client";

let world: ApiWorld;
beforeAll(async () => {
  world = await createApiWorld();
});

const event = (path: string, change: Partial<ProxyEvent> = {}, stagePath = `/backups${path}`): ProxyEvent => ({
  httpMethod: "GET",
  path,
  multiValueHeaders: {
    Host: ["abc.execute-api.eu-central-1.amazonaws.com"],
    "X-Forwarded-Proto": ["https"],
    ...Object.fromEntries(Object.entries(signInHeaders(world, "admin")).map(([name, value]) => [name, [value]])),
  },
  multiValueQueryStringParameters: null,
  body: null,
  isBase64Encoded: false,
  requestContext: {
    path: stagePath,
    domainName: "abc.execute-api.eu-central-1.amazonaws.com",
    requestId: "request-1",
  },
  ...change,
});
const serversOf = async (one: ProxyEvent): Promise<unknown> =>
  (JSON.parse((await answerProxyEvent(world.api, one)).body) as { servers: unknown }).servers;
const DESCRIPTION = "/api/v2/openapi.json";

test("below a stage", async () => {
  expect(await serversOf(event(DESCRIPTION))).toEqual([
    { url: "https://abc.execute-api.eu-central-1.amazonaws.com/backups" },
  ]);
});

test("below a custom domain's base path, which stands in the path too, and without one", async () => {
  const custom = (path: string): ProxyEvent => ({
    ...event(path, {}, path),
    requestContext: { path, domainName: "ops.example.com", requestId: "request-1" },
  });
  expect(await serversOf(custom(`/data/backups${DESCRIPTION}`))).toEqual([
    { url: "https://ops.example.com/data/backups" },
  ]);
  expect(await serversOf(custom(DESCRIPTION))).toEqual([{ url: "https://ops.example.com" }]);
});

test.each(["evil.example", "abc.execute-api.eu-central-1.amazonaws.com:x@evil.example"])(
  "a Host header of somebody's own making does not lead links elsewhere: %s",
  async (host) => {
    const foreign = event(DESCRIPTION, { multiValueHeaders: { Host: [host], "X-Forwarded-Proto": ["https"] } });
    expect(await serversOf(foreign)).toEqual([{ url: "https://abc.execute-api.eu-central-1.amazonaws.com/backups" }]);
  },
);

test("on one machine, with its port and without TLS", async () => {
  const local = event(DESCRIPTION, {
    multiValueHeaders: { host: ["127.0.0.1:4711"], "x-forwarded-proto": ["http"] },
    requestContext: { path: `/backups${DESCRIPTION}`, domainName: "127.0.0.1", requestId: "request-1" },
  });
  expect(await serversOf(local)).toEqual([{ url: "http://127.0.0.1:4711/backups" }]);
});

test("bodies in base64, and every value of a query", async () => {
  const list = `/api/v2/apps/shop/environments/${PRODUCTION}/snapshots`;
  const body = Buffer.from(JSON.stringify({ comment: "grüß dich" })).toString("base64");
  const created = await answerProxyEvent(world.api, event(list, { httpMethod: "POST", body, isBase64Encoded: true }));
  expect(JSON.parse(created.body)).toMatchObject({ comment: "grüß dich" });
  const twice = await answerProxyEvent(
    world.api,
    event(list, { multiValueQueryStringParameters: { limit: ["1", "2"] } }),
  );
  expect(twice.statusCode).toBe(400);
});

test.each([
  ["/", "/backups/"],
  ["/api/v1/apps", undefined],
  ["/api/v2", undefined],
  ["/api/v2/%zz", undefined],
  ["/api/v2/ü ?#", undefined],
  ["/api/v2//me", undefined],
])("an address that leads nowhere answers 404: %s", async (path, stagePath) => {
  const answer = await answerProxyEvent(world.api, event(path, {}, stagePath ?? `/backups${path}`));
  expect(answer.statusCode).toBe(404);
  expect(JSON.parse(answer.body)).toMatchObject({ errorCode: "NOT_FOUND" });
});

const HALF = "\ud800";
test.each([
  ["an id of the path", () => event(`/api/v2/apps/shop/environments/${HALF}/snapshots`)],
  ["a parameter", () => event("/api/v2/me", { multiValueQueryStringParameters: { limit: [`1${HALF}`] } })],
  ["a parameter's name", () => event("/api/v2/me", { multiValueQueryStringParameters: { [HALF]: ["1"] } })],
  ["escapes in a path", () => event("/api/v2/apps/%ED%A0%80/environments")],
  ["escapes beside what is none", () => event("/api/v2/apps/100%25%FF/environments")],
])("half of a surrogate pair is refused: %s", async (_, given) => {
  const { statusCode, body } = await answerProxyEvent(world.api, given());
  expect(statusCode).toBe(400);
  expect(JSON.parse(body)).toMatchObject({ errorCode: "INVALID_PARAMETERS" });
});

test("headers that no request may have are left out, not failed on", async () => {
  const headers = { ...event("/").multiValueHeaders, "bad name": ["x"], "X-Note": ["two\nlines"], "X-Ü": ["ü"] };
  const answer = await answerProxyEvent(world.api, event("/api/v2/me", { multiValueHeaders: headers }));
  expect(answer.statusCode).toBe(200);
});

test("HEAD answers as GET does, without a body", async () => {
  const answer = await answerProxyEvent(world.api, event("/api/v2/me", { httpMethod: "HEAD" }));
  expect(answer).toMatchObject({ statusCode: 200, body: "" });
});

test("an answer has the headers that browsers heed", async () => {
  const { headers } = await answerProxyEvent(world.api, event("/api/v2/nowhere"));
  expect(headers).toMatchObject({
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-request-id": "request-1",
    "x-correlation-id": "request-1",
  });
});

test("a failure inside answers 500 and tells nothing of it; the log has it, with the request's id", async () => {
  const broken = await createApiWorld();
  broken.fakes.table.onRequest = (_, { pk }) => {
    if (pk?.startsWith("ENVIRONMENT#")) throw new Error("Table test-catalog of account 111111111111 is away.");
  };
  const answer = await answerProxyEvent(broken.api, event(`/api/v2/apps/shop/environments/${PRODUCTION}`));
  expect(answer.statusCode).toBe(500);
  expect(JSON.parse(answer.body)).toEqual({
    errorCode: "SERVICE_UNAVAILABLE",
    errorMessage: expect.not.stringMatching(/table|test-catalog|111111111111/i) as unknown,
  });
  const failures = broken.fakes.log.lines.filter(({ level }) => level === "error");
  expect(failures).toMatchObject([{ details: { requestId: "request-1" } }]);
  expect(String(failures[0]?.details?.["error"])).toMatch(/is away/);
});

describe("the function", () => {
  const variables = { ...process.env };
  afterEach(() => {
    process.env = variables;
  });

  test("reads its settings once, and answers without a request to anybody where none is needed", async () => {
    process.env = { ...variables, ...world.fakes.settings, API: JSON.stringify(world.collaborators.api) };
    const { handler } = (await import("../../lambda/api/api.handler")) as {
      handler: (
        one: ProxyEvent,
        context: { getRemainingTimeInMillis(): number },
      ) => ReturnType<typeof answerProxyEvent>;
    };
    // Its log is the real one.
    const output = jest.spyOn(process.stdout, "write").mockReturnValue(true);
    const answer = await handler(event(DESCRIPTION), { getRemainingTimeInMillis: () => 1000 });
    output.mockRestore();
    expect(answer.statusCode).toBe(200);
    const own = (await answerProxyEvent(world.api, event(DESCRIPTION))).body;
    expect(JSON.parse(answer.body)).toEqual(JSON.parse(own));
  });
});
