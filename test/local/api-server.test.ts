/** The REST API of the templates on loopback: what functions are given, and what becomes of their answers. */
import { mkdtempSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiServer } from "../../local/api/api-server";
import type { ProxyEvent } from "../../local/api/proxy-event";
import { readRestApi } from "../../local/api/rest-api";
import { SimulatedClock } from "../../local/clock/simulated-clock";
import { FunctionFailure } from "../../local/functions/function-process";
import { assemble, smallApi } from "./small-assembly";

let server: ApiServer;
let clock: SimulatedClock;
let logFolder: string;
let asked: { functionArn: string; event: ProxyEvent }[];
let answer: (event: ProxyEvent) => unknown;

beforeEach(async () => {
  clock = new SimulatedClock();
  logFolder = mkdtempSync(join(tmpdir(), "api-server-"));
  asked = [];
  answer = () => ({ statusCode: 200, body: "{}" });
  const invoke = async (functionArn: string, event: unknown): Promise<unknown> => {
    asked.push({ functionArn, event: event as ProxyEvent });
    return answer(event as ProxyEvent);
  };
  const api = readRestApi(assemble(smallApi()));
  server = new ApiServer({ api, functions: { invoke }, clock, logFolder });
  await server.listen(0);
});
afterEach(() => {
  server.close();
  clock.stop();
});

const withTimeout = (
  method: ReturnType<typeof smallApi>[string] | undefined,
  TimeoutInMillis: number,
): ReturnType<typeof smallApi>[string] => ({
  Type: "AWS::ApiGateway::Method",
  Properties: {
    ...method?.Properties,
    Integration: { ...(method?.Properties["Integration"] as object), TimeoutInMillis },
  },
});

const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`${server.origin}${path}`, init);

test.each(["/api/1/apps", "/api/1/apps/", "/api/1/apps/shop/environments/Load%20Test/snapshots/"])(
  "%s is the API's too, beside its second version",
  async (path) => {
    await ask(`/backups${path}`);
    expect(asked).toMatchObject([
      { functionArn: "arn:aws:lambda:eu-central-1:123456789012:function:api", event: { path } },
    ]);
  },
);

test("a request becomes the proxy event of the function that its path names", async () => {
  await clock.skipTo(new Date(Date.now() + 86_400_000));
  const response = await ask("/backups/api/v2/apps/a%20b/x?limit=10&id=%C3%BC&id=2", {
    method: "POST",
    headers: { "Mendix-Username": "someone", "content-type": "application/json" },
    body: '{"comment":"ü"}',
  });
  expect(response.status).toBe(200);
  expect(asked).toHaveLength(1);
  const [{ functionArn, event }] = asked as [{ functionArn: string; event: ProxyEvent }];
  expect(functionArn).toBe("arn:aws:lambda:eu-central-1:123456789012:function:api");
  expect(event).toMatchObject({
    resource: "/api/{proxy+}",
    path: "/api/v2/apps/a%20b/x",
    httpMethod: "POST",
    pathParameters: { proxy: "v2/apps/a b/x" },
    queryStringParameters: { limit: "10", id: "2" },
    multiValueQueryStringParameters: { limit: ["10"], id: ["ü", "2"] },
    isBase64Encoded: true,
    requestContext: { stage: "backups", path: "/backups/api/v2/apps/a%20b/x", resourcePath: "/api/{proxy+}" },
  });
  expect(Buffer.from(event.body ?? "", "base64").toString()).toBe('{"comment":"ü"}');
  expect(event.headers).toMatchObject({ "Mendix-Username": "someone", "X-Forwarded-Proto": "http" });
  expect(event.requestContext["domainName"]).toBe(server.origin.slice("http://".length));
  expect(Math.abs((event.requestContext["requestTimeEpoch"] as number) - clock.now().getTime())).toBeLessThan(5_000);
});

test("the page has the other paths, and the address without the stage leads to it", async () => {
  answer = () => ({
    statusCode: 200,
    headers: { "content-type": "image/png" },
    body: Buffer.from([0, 255, 1]).toString("base64"),
    isBase64Encoded: true,
  });
  const response = await ask("/");
  expect(response.url).toBe(server.address);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
  await ask("/backups/assets/x.js");
  expect(asked.map(({ functionArn, event }) => [functionArn.split(":").at(-1), event.resource, event.path])).toEqual([
    ["page", "/", "/"],
    ["page", "/{proxy+}", "/assets/x.js"],
  ]);
});

test("an answer's status, headers of several values and empty body arrive as they are", async () => {
  answer = () => ({ statusCode: 302, multiValueHeaders: { Location: ["/there"], "X-A": ["1", "2"] } });
  const response = await ask("/backups/api/x", { redirect: "manual" });
  expect([response.status, response.headers.get("location"), response.headers.get("x-a")]).toEqual([
    302,
    "/there",
    "1, 2",
  ]);
});

test.each([
  ["no answer", null],
  ["another shape", { status: 200 }],
  ["a body that is no text", { statusCode: 200, body: { a: 1 } }],
  ["more than 6 MiB", { statusCode: 200, body: "x".repeat(7 * 1024 * 1024) }],
  ["a header that can't be sent", { statusCode: 200, headers: { "x-a": "1\n2" }, body: "secret" }],
])("%s is a 502 that tells nothing", async (_name, result) => {
  answer = () => result;
  const response = await ask("/backups/api/x");
  expect([response.status, await response.json()]).toEqual([502, { message: "Internal server error" }]);
});

test("a function that fails is a 502", async () => {
  answer = () => {
    throw new FunctionFailure("Error", { errorType: "Error", errorMessage: "secret" });
  };
  const response = await ask("/backups/api/x");
  expect([response.status, await response.json()]).toEqual([502, { message: "Internal server error" }]);
});

test("a function that takes too long is a 504, and the time in which it waited for its turn does not count", async () => {
  const api = readRestApi(
    assemble({
      ...smallApi(),
      AnyApi: withTimeout(smallApi()["AnyApi"], 200),
      GetPage: withTimeout(smallApi()["GetPage"], 200),
    }),
  );
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const invoke = async (functionArn: string, _event: unknown, onBegin?: () => void): Promise<unknown> => {
    const waits = functionArn.endsWith(":page");
    if (waits) await pause(300);
    onBegin?.();
    if (!waits) await pause(300);
    return { statusCode: 200, body: "" };
  };
  const slow = new ApiServer({ api, functions: { invoke }, clock, logFolder });
  await slow.listen(0);
  const statuses = await Promise.all(
    ["api/x", "x"].map(async (path) => (await fetch(`${slow.address}${path}`)).status),
  );
  slow.close();
  expect(statuses).toEqual([504, 200]);
});

test("what no resource or method names is refused as API Gateway does", async () => {
  for (const [path, method] of [
    ["/other/", "GET"],
    ["/backups/x", "POST"],
  ] as const) {
    const response = await ask(path, { method });
    expect([response.status, await response.json()]).toEqual([403, { message: "Missing Authentication Token" }]);
  }
  expect(asked).toEqual([]);
});

test("the templates' own words for a refusal are used, those for all failures too", async () => {
  const own = (type: string, status?: string) => ({
    Type: "AWS::ApiGateway::GatewayResponse",
    Properties: {
      ResponseType: type,
      ...(status === undefined ? {} : { StatusCode: status }),
      ResponseTemplates: { "application/json": `{"errorCode":"${type}","said":$context.error.messageString}` },
    },
  });
  const api = readRestApi(
    assemble({ ...smallApi(), Missing: own("MISSING_AUTHENTICATION_TOKEN", "404"), All: own("DEFAULT_5XX") }),
  );
  const invoke = async (): Promise<unknown> => ({ no: "answer" });
  const worded = new ApiServer({ api, functions: { invoke }, clock, logFolder });
  await worded.listen(0);
  const answers = await Promise.all(
    ["x/", "backups/api/x"].map(async (path) => {
      const response = await fetch(`${worded.origin}/${path}`);
      return [response.status, await response.json()];
    }),
  );
  worded.close();
  expect(answers).toEqual([
    [404, { errorCode: "MISSING_AUTHENTICATION_TOKEN", said: "Missing Authentication Token" }],
    [502, { errorCode: "DEFAULT_5XX", said: "Internal server error" }],
  ]);
});

test("a body over 10 MiB, and one whose event is over 6 MiB, are refused", async () => {
  for (const size of [11, 5]) {
    const response = await ask("/backups/api/x", { method: "POST", body: Buffer.alloc(size * 1024 * 1024) });
    expect(response.status).toBe(413);
  }
  expect(asked).toEqual([]);
});

test("another name that leads to loopback is refused", async () => {
  const port = Number(new URL(server.origin).port);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request({ port, host: "127.0.0.1", path: "/backups/", headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(403);
});

test("the access log is in the template's format", async () => {
  await ask("/backups/api/v2/links/hidden?also=hidden");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(readFileSync(join(logFolder, "api-access.log"), "utf8")).toBe(
    '{"resource":"/api/{proxy+}","status":200,"x":"-"}\n',
  );
});

test("a port that is taken is one sentence", async () => {
  const { port } = new URL(server.origin);
  const second = new ApiServer({
    api: readRestApi(assemble(smallApi())),
    functions: { invoke: async () => undefined },
    clock,
    logFolder,
  });
  await expect(second.listen(Number(port))).rejects.toThrow(
    `The API can't be served at port ${port} (EADDRINUSE): give --port another number, or leave it out.`,
  );
});

describe("what API Gateway would not serve as we do is an error that names the place", () => {
  const broken = (change: (resources: ReturnType<typeof smallApi>) => void): (() => unknown) => {
    const resources = smallApi();
    change(resources);
    return () => readRestApi(assemble(resources));
  };
  test("a method without the function's permission", () => {
    expect(
      broken((resources) => {
        delete resources["MayApi"];
      }),
    ).toThrow(/Small, AnyApi: no Lambda permission/);
  });
  test("an authorizer", () => {
    expect(
      broken(({ AnyApi }) => {
        if (AnyApi !== undefined) AnyApi.Properties["AuthorizationType"] = "AWS_IAM";
      }),
    ).toThrow(/AnyApi: the local run does not know the authorization AWS_IAM/);
  });
  test("a property that is not known", () => {
    expect(
      broken(({ Api }) => {
        if (Api !== undefined) Api.Properties["MinimumCompressionSize"] = 1;
      }),
    ).toThrow(/Api: the local run does not know the property MinimumCompressionSize/);
  });
});
