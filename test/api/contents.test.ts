/** A snapshot's files by pages, and one file or table of it, asked for with real HTTP requests. */
import { PRODUCTION, SNAPSHOTS, ACCEPTANCE } from "../support/api-world";
import { must } from "../support/must";
import { withContents } from "../support/stored-contents";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const [NIGHTLY, , , , , FAILED, EXPIRED] = SNAPSHOTS.map(({ snapshotId }) => snapshotId);
const ONE = `${environmentPath(PRODUCTION)}/snapshots/${NIGHTLY}`;
const FILES = new Map(
  ["a/1", "a/2 ü\n.txt", "a/3", "b", "../c"].map((key, n) => [key, Buffer.from("x".repeat(n + 1))] as const),
);

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
  await withContents(api.fakes, PRODUCTION, must(NIGHTLY), {
    files: FILES,
    missing: ["a/gone"],
    partLines: 2,
    more: (key) =>
      key === "b"
        ? {
            marker: "etag/4/1796428800",
            etag: "etag",
            attributes: { contentType: "text/plain", tags: { a: "1" }, metadata: { owner: "app" } },
          }
        : {},
  });
});
afterEach(() => api.close());

test("lists by pages what the index says of each file", async () => {
  const { status, json } = await api.send("restorer", "GET", `${ONE}/files?limit=2`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    files: [
      { key: "../c", size: 5 },
      { key: "a/1", size: 1 },
    ],
    next: "a/1",
    limit: 2,
  });
  const keys = json.files.map(({ key }: { key: string }) => key) as string[];
  for (let { next } = json; next !== null;) {
    const page = (await api.send("restorer", "GET", `${ONE}/files?limit=2&after=${encodeURIComponent(next)}`)).json;
    keys.push(...page.files.map(({ key }: { key: string }) => key));
    ({ next } = page);
  }
  expect(keys).toEqual(["../c", "a/1", "a/2 ü\n.txt", "a/3", "a/gone", "b"]);
  expect((await api.send("restorer", "GET", `${ONE}/files?prefix=b`)).json).toEqual({
    files: [
      {
        key: "b",
        missing: false,
        size: 4,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        etag: "etag",
        last_modified: "2026-12-05T00:00:00.000Z",
        content_type: "text/plain",
        metadata: { owner: "app" },
        tags: { a: "1" },
      },
    ],
    next: null,
    limit: 100,
  });
  expect((await api.send("restorer", "GET", `${ONE}/files?prefix=a/g`)).json.files).toEqual([
    {
      key: "a/gone",
      missing: true,
      size: null,
      sha256: null,
      etag: null,
      last_modified: null,
      content_type: null,
      metadata: {},
      tags: {},
    },
  ]);
  expect((await api.send("restorer", "GET", `${ONE}/files?after=zzz`)).json).toEqual({
    files: [],
    next: null,
    limit: 100,
  });
});

test("names of files are data: the role that downloads, and a record of who looked", async () => {
  for (const person of ["reader", "operator"])
    expect(await api.send(person, "GET", `${ONE}/files`)).toMatchObject({ status: 403, json: refusal("NO_ACCESS") });
  for (const person of ["banker", "nobody"]) expect((await api.send(person, "GET", `${ONE}/files`)).status).toBe(404);
  expect(auditOf(api)).toEqual([]);
  await api.send("restorer", "GET", `${ONE}/files?prefix=a/`);
  expect(auditOf(api)).toMatchObject([
    { action: "snapshot.files", by: "restorer", details: { snapshotId: NIGHTLY, prefix: "a/", after: null } },
  ]);
});

test.each([
  ["limit=0", /"limit"/],
  ["limit=1001", /"limit"/],
  ["limit=x", /"limit"/],
  ["after=", /"after"/],
  [`prefix=${"x".repeat(1025)}`, /"prefix".*1,024 bytes/],
  [`prefix=${encodeURIComponent("ü".repeat(513))}`, /"prefix".*1,024 bytes/],
])("refuses ?%s", async (query, message) => {
  expect(await api.send("restorer", "GET", `${ONE}/files?${query}`)).toMatchObject({
    status: 400,
    json: refusal("INVALID_PARAMETERS", message),
  });
});

test.each([
  [PRODUCTION, FAILED, 400, "INVALID_STATE"],
  [PRODUCTION, EXPIRED, 404, "NOT_FOUND"],
  [ACCEPTANCE, NIGHTLY, 404, "NOT_FOUND"],
] as const)("of a snapshot that isn't there: %s %s", async (environmentId, snapshotId, status, code) => {
  const path = `${environmentPath(environmentId)}/snapshots/${snapshotId}/files`;
  expect(await api.send("restorer", "GET", path)).toMatchObject({ status, json: refusal(code) });
});

test("one file and one table are archives with a part", async () => {
  const query = `data_type=one_file&key=${encodeURIComponent("a/2 ü\n.txt")}`;
  // Whether there is such a file is as secret as the list.
  for (const key of ["b", "zzz", "a/gone"])
    expect(await api.send("reader", "GET", `${ONE}/archives/estimate?data_type=one_file&key=${key}`)).toMatchObject({
      status: 403,
      json: refusal("NO_ACCESS"),
    });
  expect((await api.send("restorer", "GET", `${ONE}/archives/estimate?${query}`)).json).toMatchObject({
    data_type: "one_file",
    size: 2,
  });
  const { status, json } = await api.send("restorer", "POST", `${ONE}/archives?${query}`);
  expect({ status, json }).toMatchObject({
    status: 200,
    json: { data_type: "one_file", key: "a/2 ü\n.txt", state: "queued" },
  });
  expect(json).not.toHaveProperty("table");
  expect(auditOf(api)).toMatchObject([
    { action: "archive.create", details: { dataType: "one_file", file: "a/2 ü\n.txt" } },
  ]);

  const table = "data_type=one_table&table=shop%24order";
  expect((await api.send("reader", "GET", `${ONE}/archives/estimate?${table}`)).json).toMatchObject({
    data_type: "one_table",
    size: null,
  });
  expect((await api.send("restorer", "POST", `${ONE}/archives?${table}`)).json).toMatchObject({
    data_type: "one_table",
    table: "shop$order",
  });
  for (const person of ["reader", "operator"])
    expect((await api.send(person, "POST", `${ONE}/archives?${table}`)).status).toBe(403);
});

test.each([
  ["data_type=one_file", 400, "INVALID_PARAMETERS", /"key".*is needed with data_type=one_file/],
  ["data_type=one_table", 400, "INVALID_PARAMETERS", /"table".*is needed with data_type=one_table/],
  ["data_type=one_file&key=", 400, "INVALID_PARAMETERS", /"key"/],
  ["key=b", 400, "INVALID_PARAMETERS", /"key".*goes only with data_type=one_file/],
  ["data_type=one_table&table=t&key=b", 400, "INVALID_PARAMETERS", /"key"/],
  ["data_type=one_file&key=zzz", 404, "NOT_FOUND", /holds no file with the key "zzz"/],
  ["data_type=one_file&key=a/gone", 400, "INVALID_STATE", /missing in storage/],
] as const)("refuses ?%s, and starts nothing", async (query, status, code, message) => {
  for (const [method, path] of [
    ["POST", "archives"],
    ["GET", "archives/estimate"],
  ] as const)
    expect(await api.send("restorer", method, `${ONE}/${path}?${query}`)).toMatchObject({
      status,
      json: refusal(code, message),
    });
  expect(api.fakes.workflows.started).toEqual([]);
});

test("the same Idempotency-Key for another file is another archive's", async () => {
  const headers = { "Idempotency-Key": "7d3c9b36-1c88-4cf9-9b5e-6a2d1bb11a01" };
  const first = await api.send("restorer", "POST", `${ONE}/archives?data_type=one_file&key=b`, { headers });
  expect((await api.send("restorer", "POST", `${ONE}/archives?data_type=one_file&key=b`, { headers })).json).toEqual(
    first.json,
  );
  expect((await api.send("restorer", "POST", `${ONE}/archives?data_type=one_file&key=a/1`, { headers })).json).toEqual(
    refusal("INVALID_PARAMETERS", /was used before/),
  );
});
