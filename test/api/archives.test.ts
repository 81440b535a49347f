/** Downloads, replayed with real HTTP requests: estimate, archive, link. */
import type { ArchiveItem } from "../../lambda/catalog/items";
import { ACCEPTANCE, OTHER, PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { must } from "../support/must";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const [NIGHTLY, WEEKLY, , , , FAILED, EXPIRED] = SNAPSHOTS.map(({ snapshotId }) => snapshotId);
const LIST = `${environmentPath(PRODUCTION)}/snapshots/${NIGHTLY}/archives`;

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const complete = async (archiveId: string, change: Partial<ArchiveItem> = {}): Promise<void> =>
  api.fakes.catalog.updateArchive(archiveId, {
    state: "completed",
    size: 1000,
    bytesDone: 1000,
    updatedAt: "2026-12-05T12:05:00Z",
    finishedAt: "2026-12-05T12:05:00Z",
    ...change,
  });

test.each([
  ["", "files_and_database", 1_086_849_024],
  ["?data_type=files_and_database", "files_and_database", 1_086_849_024],
  ["?data_type=database_only", "database_only", 52_428_800],
  ["?data_type=files_only", "files_only", 1_073_741_824],
])("estimates size and time before anything is built: %s", async (query, dataType, size) => {
  const { status, json } = await api.send("reader", "GET", `${LIST}/estimate${query}`);
  expect(status).toBe(200);
  expect(json).toEqual({ data_type: dataType, size, estimated_seconds: expect.any(Number) });
  expect(api.fakes.workflows.started).toEqual([]);
});

test("prepares an archive, shows its progress, then its address, and a link that anybody may follow for eight hours", async () => {
  const { status, json } = await api.send("restorer", "POST", `${LIST}?data_type=database_only`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    snapshot_id: NIGHTLY,
    data_type: "database_only",
    state: "queued",
    status_message: null,
    url: null,
    link: null,
    finished_at: null,
    updated_at: null,
    expires_at: null,
    link_expires_at: null,
  });
  expect(api.fakes.workflows.started).toMatchObject([{ input: { archiveId: json.archive_id } }]);
  expect(auditOf(api)).toMatchObject([{ action: "archive.create", by: "restorer", details: { snapshotId: NIGHTLY } }]);

  await complete(json.archive_id, { state: "running", finishedAt: null, bytesDone: 400 });
  const running = (await api.send("restorer", "GET", `${LIST}/${json.archive_id}`)).json;
  expect(running).toMatchObject({ state: "running", bytes_done: 400, size: 1000, url: null });

  await complete(json.archive_id);
  const { json: done } = await api.send("restorer", "GET", `${LIST}/${json.archive_id}`);
  expect(done).toMatchObject({
    state: "completed",
    expires_at: "2026-12-05T13:00:00.000Z",
    link_expires_at: "2026-12-05T20:05:00.000Z",
  });
  expect(done.url).toMatch(new RegExp(`^https://transfer.example/.*${json.archive_id}.*for=3600$`));
  expect(done.link.startsWith(`${api.base}/links/${json.archive_id}.`)).toBe(true);

  const path = done.link.slice(api.base.length);
  const followed = await api.send(null, "GET", path);
  expect(followed.status).toBe(302);
  expect(followed.headers.get("location")).toMatch(new RegExp(`^https://transfer.example/.*${json.archive_id}`));

  api.fakes.clock.set("2026-12-05T19:35:00Z");
  const again = (await api.send("restorer", "GET", `${LIST}/${json.archive_id}`)).json;
  expect(again).toMatchObject({ expires_at: "2026-12-05T20:05:00.000Z", url: expect.stringMatching(/for=1800$/) });
  api.fakes.clock.set("2026-12-05T20:04:59Z");
  expect((await api.send(null, "GET", path)).status).toBe(302);
  api.fakes.clock.set("2026-12-05T20:05:00Z");
  expect((await api.send(null, "GET", path)).json).toEqual(refusal("NOT_FOUND"));
  const late = (await api.send("restorer", "GET", `${LIST}/${json.archive_id}`)).json;
  expect(late).toMatchObject({
    state: "completed",
    url: null,
    link: null,
    expires_at: "2026-12-05T20:05:00.000Z",
    link_expires_at: "2026-12-05T20:05:00.000Z",
  });
});

test("Rule 3: where the snapshot expires before its eight hours are over, address and link are said to end with it", async () => {
  const { json } = await api.send("restorer", "POST", LIST);
  await complete(json.archive_id);
  await api.fakes.catalog.updateSnapshot(PRODUCTION, must(NIGHTLY), { expiresAt: "2026-12-05T12:30:00Z" });
  const { json: done } = await api.send("restorer", "GET", `${LIST}/${json.archive_id}`);
  const end = "2026-12-05T12:30:00.000Z";
  expect(done).toMatchObject({ state: "completed", expires_at: end, link_expires_at: end });
  expect(done.url).toMatch(/for=1800$/);
});

test("the failed one says why", async () => {
  const { json } = await api.send("restorer", "POST", LIST);
  await complete(json.archive_id, { state: "failed", statusMessage: "The snapshot is damaged." });
  const { json: failed } = await api.send("restorer", "GET", `${LIST}/${json.archive_id}`);
  expect(failed).toMatchObject({ state: "failed", status_message: "The snapshot is damaged.", url: null });
});

test("asked again with the same Idempotency-Key is the same archive", async () => {
  const headers = { "Idempotency-Key": "7d3c9b36-1c88-4cf9-9b5e-6a2d1bb11a01" };
  const first = await api.send("restorer", "POST", LIST, { headers });
  expect((await api.send("restorer", "POST", LIST, { headers })).json).toEqual(first.json);
  expect(api.fakes.workflows.started).toHaveLength(1);
  const other = await api.send("restorer", "POST", `${LIST}?data_type=files_only`, { headers });
  expect(other).toMatchObject({ status: 400, json: refusal("INVALID_PARAMETERS", /used before/) });
  const elsewhere = LIST.replace(must(NIGHTLY), must(WEEKLY));
  expect(await api.send("restorer", "POST", elsewhere, { headers })).toMatchObject({
    status: 400,
    json: refusal("INVALID_PARAMETERS", /used before/),
  });
  expect(api.fakes.workflows.started).toHaveLength(1);
  expect((await api.send("restorer", "POST", LIST, { headers })).json).toEqual(first.json);
});

test.each([
  ["an unknown data type", `${LIST}?data_type=everything`, 400, refusal("UNSUPPORTED", /"data_type" says/)],
  [
    "a failed snapshot",
    `${environmentPath(PRODUCTION)}/snapshots/${FAILED}/archives`,
    400,
    refusal("INVALID_STATE", /failed/),
  ],
  ["an expired one", `${environmentPath(PRODUCTION)}/snapshots/${EXPIRED}/archives`, 404, refusal("NOT_FOUND")],
  ["another environment's", `${environmentPath(ACCEPTANCE)}/snapshots/${NIGHTLY}/archives`, 404, refusal("NOT_FOUND")],
])("refuses %s, and starts nothing", async (_, path, status, json) => {
  expect(await api.send("restorer", "POST", path)).toMatchObject({ status, json });
  expect(api.fakes.workflows.started).toEqual([]);
  expect(auditOf(api)).toEqual([]);
});

test("an archive is shown only below its own snapshot and environment", async () => {
  const { json } = await api.send("restorer", "POST", LIST);
  const id = json.archive_id as string;
  for (const path of [
    `${environmentPath(PRODUCTION)}/snapshots/${WEEKLY}/archives/${id}`,
    `${environmentPath(ACCEPTANCE)}/snapshots/${NIGHTLY}/archives/${id}`,
    `${LIST}/archive-00000000000000000000000000000000`,
  ])
    expect((await api.send("restorer", "GET", path)).json).toEqual(refusal("NOT_FOUND"));
  const others = `${environmentPath(OTHER, "bank")}/snapshots/${NIGHTLY}/archives/${id}`;
  expect((await api.send("banker", "GET", others)).status).toBe(404);
});

test("whoever gets a link to what another has asked for is on record", async () => {
  const { json } = await api.send("restorer", "POST", LIST);
  const path = `${LIST}/${json.archive_id}`;
  await api.send("owner", "GET", path);
  await complete(json.archive_id);
  await api.send("restorer", "GET", path);
  expect(auditOf(api)).toHaveLength(1);
  await api.send("owner", "GET", path);
  const details = { archiveId: json.archive_id, snapshotId: NIGHTLY, dataType: "files_and_database" };
  expect(auditOf(api).filter(({ action }) => action === "archive.link")).toMatchObject([{ by: "owner", details }]);
  expect(auditOf(api)).toHaveLength(2);
});

test("says nothing about links that don't work", async () => {
  const { json } = await api.send("restorer", "POST", LIST);
  await complete(json.archive_id);
  const texts = new Set<string>();
  for (const token of [`${json.archive_id}.wrong`, "archive-0.wrong", "x", "%2e%2e%2f", "y".repeat(2000)]) {
    const { status, text } = await api.send(null, "GET", `/links/${token}`);
    expect(status).toBe(404);
    if (token.length < 256) texts.add(text);
  }
  expect(texts.size).toBe(1);
});

test("every look at it makes a link of its own, and none is stored", async () => {
  const { json } = await api.send("restorer", "POST", LIST);
  await complete(json.archive_id);
  const path = `${LIST}/${json.archive_id}`;
  const urls: string[] = [];
  for (let look = 0; look < 2; look++) urls.push((await api.send("restorer", "GET", path)).json.link);
  expect(urls[0]).not.toBe(urls[1]);
  const stored = JSON.stringify(api.fakes.table.all());
  for (const url of urls) {
    const secret = must(url.split(".").at(-1));
    expect(stored.includes(secret)).toBe(false);
    expect((await api.send(null, "GET", url.slice(api.base.length))).status).toBe(302);
  }
});
