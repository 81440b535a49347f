/** Requests that are made to hurt: each is answered like any other wrong one, and none is an error of the service. */
import { PRODUCTION } from "../support/api-world";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";

const LIST = `${environmentPath(PRODUCTION)}/snapshots`;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

test.each([
  ["lists in lists", `{"comment":${nested("[", "]", 30_000)}}`],
  ["objects in objects", `{"comment":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`],
  ["nothing but lists", nested("[", "]", 32_000)],
])("a body of %s as deep as it can be", async (_, body) => {
  const { status, json } = await api.send("operator", "POST", LIST, { body });
  expect(json).toEqual(refusal("INVALID_PARAMETERS"));
  expect(status).toBe(400);
});

test.each(['{"__proto__":{"comment":"x"}}', '{"constructor":{"prototype":{"comment":"x"}}}'])(
  "a body that reaches for prototypes is one with fields that nobody knows: %s",
  async (body) => {
    const { status, json } = await api.send("operator", "POST", LIST, { body });
    expect({ status, comment: json.comment }).toEqual({ status: 200, comment: "" });
    expect(({} as { comment?: unknown }).comment).toBeUndefined();
  },
);

test("queries that reach for prototypes, or say a thing twice", async () => {
  expect((await api.send("reader", "GET", `${LIST}?__proto__=1&constructor=2&limit=1`)).status).toBe(200);
  expect((await api.send("reader", "GET", `${LIST}?limit=1&limit=2`)).json).toEqual(refusal("INVALID_PARAMETERS"));
});

test.each(["%0d%0aSet-Cookie:%20a=b", "..%2f..%2fbank-production", "__proto__", "%7f", "*"])(
  "an id %s is one that doesn't exist",
  async (id) => {
    const { status, headers } = await api.send("reader", "GET", `${LIST}/${id}`);
    expect(status).toBe(404);
    expect(headers.get("set-cookie")).toBeNull();
  },
);

test.each(["..", "%2e%2e"])("climbing %s from one's own app into another's takes a role there", async (up) => {
  const path = `${environmentPath(PRODUCTION)}/${up}/${up}/${up}/bank/environments/bank-production`;
  expect((await api.send("owner", "GET", path)).status).toBe(404);
});
