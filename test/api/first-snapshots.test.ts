/** The older snapshot calls, with real HTTP requests. */
import type { ArchiveItem } from "../../lambda/catalog/items";
import { ACCEPTANCE, PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { must } from "../support/must";
import { refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const [NIGHTLY, , , , , FAILED, EXPIRED, DELETING] = SNAPSHOTS.map(({ snapshotId }) => snapshotId);
const ENVIRONMENT = "/api/1/apps/shop/environments/Production";
const LIST = `${ENVIRONMENT}/snapshots`;

let api: ApiUnderTest;
/** What happens while a request waits for its archives. */
let meanwhile: () => Promise<void>;
beforeEach(async () => {
  meanwhile = async () => {};
  api = await startApi({ change: () => ({ pause: () => meanwhile() }) });
});
afterEach(() => api.close());

const archives = async (): Promise<readonly ArchiveItem[]> => {
  const { items } = await api.fakes.catalog.listArchives(new Date("2030-01-01T00:00:00Z"));
  return items;
};
const end = async (change: Partial<ArchiveItem> = {}): Promise<void> => {
  for (const { archiveId, state } of await archives()) {
    if (state !== "queued") continue;
    const finishedAt = api.fakes.clock.now().toISOString();
    await api.fakes.catalog.updateArchive(archiveId, { state: "completed", finishedAt, ...change });
  }
};
const download = (person = "restorer", snapshotId = NIGHTLY) => api.send(person, "GET", `${LIST}/${snapshotId}`);

test("lists all that is there, newest first, with times in milliseconds", async () => {
  const { json } = await api.send("reader", "GET", LIST);
  const known = (await api.send("reader", "GET", `/apps/shop/environments/${PRODUCTION}/snapshots`)).json.snapshots;
  expect(json).toEqual(
    known.map((one: Record<string, string>) => ({
      SnapshotID: one["snapshot_id"],
      Comment: one["comment"],
      State: expect.stringMatching(new RegExp(`^${one["state"]}$`, "i")),
      ExpiresOn: Date.parse(must(one["expires_at"])),
      CreatedOn: Date.parse(must(one["created_at"])),
      ModelVersion: expect.any(String),
    })),
  );
  expect(json[0].State).toMatch(/^[A-Z]/);
});

test.each([
  [{ Comment: "before" }, "before"],
  [{ comment: "before" }, "before"],
  [{ Comment: null, Other: 1 }, ""],
  ["", ""],
])("creates a snapshot: %j", async (body, comment) => {
  const { status, json } = await api.send("operator", "POST", LIST, { body });
  expect(status).toBe(200);
  expect(json).toMatchObject({ Comment: comment, State: "Queued", CreatedOn: Date.parse("2026-12-05T12:00:00Z") });
  const found = await api.fakes.catalog.getSnapshot(PRODUCTION, json.SnapshotID);
  expect(found).toMatchObject({ comment, createdBy: "operator", state: "queued" });
  expect(auditOf(api)).toMatchObject([{ action: "snapshot.create", by: "operator", environmentId: PRODUCTION }]);
});

test("gives a download's three addresses in one call where they are ready soon", async () => {
  meanwhile = end;
  const { status, json } = await download();
  expect(status).toBe(200);
  expect(new Set(Object.values(json)).size).toBe(3);
  const kinds = { FilesOnly: "files_only", DatabaseOnly: "database_only", DatabaseAndFiles: "files_and_database" };
  const all = await archives();
  expect(all).toHaveLength(3);
  for (const [name, dataType] of Object.entries(kinds)) {
    const { key } = must(all.find((one) => one.dataType === dataType));
    // Storage's own address, not one that leads there.
    expect(new URL(json[name]).host).toBe("transfer.example");
    expect(json[name]).toContain(key);
  }
});

test("says to ask again while they are being prepared, and asks for nothing twice", async () => {
  const waiting = await download();
  expect(waiting).toMatchObject({ status: 429, json: refusal("INTERNAL_SERVER_ERROR", /ask again in 15 seconds/) });
  expect(waiting.headers.get("retry-after")).toBe("15");
  expect((await download()).status).toBe(429);
  expect(api.fakes.workflows.started).toHaveLength(3);
  const created = auditOf(api).filter(({ action }) => action === "archive.create");
  expect(created.map(({ details }) => details?.["dataType"])).toHaveLength(3);
  await end();
  expect((await download()).status).toBe(200);
  expect(await archives()).toHaveLength(3);
});

test("asks for new ones only once the addresses have ended", async () => {
  meanwhile = end;
  await download();
  api.fakes.clock.advance(7 * 3_600_000);
  expect((await download()).status).toBe(200);
  expect(await archives()).toHaveLength(3);
  api.fakes.clock.advance(3_600_000);
  expect((await download()).status).toBe(200);
  expect(await archives()).toHaveLength(6);
});

test("tries again what failed, three times, and then says why", async () => {
  meanwhile = () => end({ state: "failed", statusMessage: "The snapshot is damaged." });
  for (let time = 1; time <= 4; time += 1) {
    expect(await download()).toMatchObject({ status: 400, json: refusal("INVALID_STATE", /The snapshot is damaged/) });
    expect(await archives()).toHaveLength(3 * Math.min(time, 3));
  }
});

test("whoever gets an address, and didn't ask for the archive, is on record before having it", async () => {
  meanwhile = end;
  await download();
  await download("owner");
  expect(auditOf(api).filter(({ action }) => action === "archive.link")).toMatchObject(
    Array.from({ length: 3 }, () => ({ by: "owner", details: { snapshotId: NIGHTLY } })),
  );
});

test.each([
  ["an unknown snapshot", "unknown", 404, "SNAPSHOT_NOT_FOUND"],
  ["an expired one", EXPIRED, 404, "SNAPSHOT_NOT_FOUND"],
  ["one that is being deleted", DELETING, 404, "SNAPSHOT_NOT_FOUND"],
  ["one that failed", FAILED, 400, "INVALID_STATE"],
])("no download of %s, and nothing is changed", async (_, snapshotId, status, code) => {
  expect(await download("restorer", snapshotId)).toMatchObject({ status, json: refusal(code) });
  expect([await archives(), auditOf(api)]).toEqual([[], []]);
});

test("one that is still being made has no download yet", async () => {
  const { json } = await api.send("operator", "POST", LIST);
  const answer = await download("restorer", json.SnapshotID);
  expect(answer).toMatchObject({ status: 429, json: refusal("INTERNAL_SERVER_ERROR", /is still queued/) });
  expect(answer.headers.get("retry-after")).toBe("15");
  expect(await archives()).toEqual([]);
});

test("restores a snapshot of the app into a stopped environment, and shows the snapshot", async () => {
  const path = `/api/1/apps/shop/environments/acceptance/restore/${NIGHTLY}`;
  const { status, json } = await api.send("restorer", "POST", path);
  expect(status).toBe(200);
  expect(json).toMatchObject({ SnapshotID: NIGHTLY, State: "Completed", ModelVersion: "1.4.0" });
  const { items } = await api.fakes.catalog.listRestores(ACCEPTANCE);
  expect(items).toMatchObject([{ snapshotId: NIGHTLY, databaseOnly: false, requestedBy: "restorer" }]);
  expect(api.fakes.workflows.started).toHaveLength(1);
});

test.each([
  ["into a running environment", `${ENVIRONMENT}/restore/${NIGHTLY}`],
  ["of an unknown snapshot", "/api/1/apps/shop/environments/Acceptance/restore/unknown"],
])("refuses a restore %s", async (_, path) => {
  const { status, json } = await api.send("restorer", "POST", path);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(json).toEqual(refusal(json.errorCode));
  expect([api.fakes.workflows.started, auditOf(api)]).toEqual([[], []]);
});
