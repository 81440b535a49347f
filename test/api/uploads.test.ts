/** Uploads, replayed with real HTTP requests; the parts go to storage directly. */
import { requestedSnapshotId } from "../../lambda/backup/snapshot-ids";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { TRANSFER_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const LIST = `${environmentPath(PRODUCTION)}/uploads`;
const FILE = { file_name: "shop.tar.gz", size: 16 * 2 ** 20 + 5, comment: "from outside" };

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const putPart = async (uploadId: string, partNumber: number, size: number): Promise<unknown> => {
  const { key, multipartId } = must(await api.fakes.catalog.getUpload(uploadId));
  return api.fakes.store.uploadPart({ bucket: TRANSFER_BUCKET, key }, multipartId, partNumber, Buffer.alloc(size));
};

test("begins, takes parts, resumes with those that are missing, and becomes a queued snapshot", async () => {
  const { status, json: begun } = await api.send("operator", "POST", LIST, { body: FILE });
  expect(status).toBe(200);
  expect(begun).toMatchObject({
    ...FILE,
    part_size: 16 * 2 ** 20,
    part_count: 2,
    state: "open",
    created_by: "operator",
    updated_at: null,
    expires_at: "2026-12-06T12:00:00.000Z",
  });
  const path = `${LIST}/${begun.upload_id}`;
  const { json: addresses } = await api.send("operator", "POST", `${path}/parts`, { body: { part_numbers: [1, 2] } });
  expect(addresses.parts.map((part: { part_number: number }) => part.part_number)).toEqual([1, 2]);
  for (const { url } of addresses.parts) expect(url).toMatch(/^https:\/\/transfer\.example\/.*for=3600$/);

  await putPart(begun.upload_id, 1, 16 * 2 ** 20);
  const { json: half } = await api.send("reader", "GET", path);
  expect(half.parts).toEqual([{ part_number: 1, size: 16 * 2 ** 20 }]);
  const early = await api.send("operator", "POST", `${path}/complete`);
  expect(early.status).toBe(400);
  expect(early.json).toEqual(refusal("INVALID_STATE", /part 2 of 2 has not arrived/));

  await putPart(begun.upload_id, 2, 5);
  const { json: completed } = await api.send("operator", "POST", `${path}/complete`);
  expect(completed).toMatchObject({ state: "queued", upload_id: begun.upload_id });
  expect((await api.send("operator", "POST", `${path}/complete`)).json).toMatchObject({ state: "queued" });
  expect(api.fakes.workflows.started).toHaveLength(1);

  const snapshotPath = `${environmentPath(PRODUCTION)}/snapshots/${begun.snapshot_id}`;
  const { json: snapshot } = await api.send("reader", "GET", snapshotPath);
  expect(snapshot).toMatchObject({
    state: "queued",
    tier: "uploaded",
    type: "operator",
    comment: "from outside",
    expires_at: "2027-03-05T12:00:00.000Z",
  });
  expect((await api.send("reader", "GET", path)).json.parts).toEqual([]);
  expect(auditOf(api).map(({ action }) => action)).toEqual(
    expect.arrayContaining(["upload.create", "upload.complete"]),
  );
  expect((await api.send("reader", "GET", LIST)).json.uploads).toMatchObject([{ upload_id: begun.upload_id }]);
});

test("is given up: its parts go, and it is no longer there", async () => {
  const { json } = await api.send("operator", "POST", LIST, { body: FILE });
  await putPart(json.upload_id, 1, 16 * 2 ** 20);
  expect((await api.send("operator", "DELETE", `${LIST}/${json.upload_id}`)).status).toBe(204);
  expect((await api.send("operator", "GET", `${LIST}/${json.upload_id}`)).json).toEqual(refusal("NOT_FOUND"));
  const { uploads } = await api.fakes.store.listMultiparts(TRANSFER_BUCKET, { prefix: "" });
  expect(uploads).toEqual([]);
});

test("is seen only in its own environment", async () => {
  const { json } = await api.send("operator", "POST", LIST, { body: FILE });
  const elsewhere = `${environmentPath(ACCEPTANCE)}/uploads`;
  expect((await api.send("operator", "GET", elsewhere)).json.uploads).toEqual([]);
  for (const [method, path] of [
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "/complete"],
  ] as const)
    expect((await api.send("operator", method, `${elsewhere}/${json.upload_id}${path}`)).status).toBe(404);
});

test("asked again with the same Idempotency-Key is the same upload, and never a snapshot's id", async () => {
  const key = "3f1e5f0a-7f65-4f2c-9b39-1f9c5f4b2d11";
  const headers = { "Idempotency-Key": key };
  const first = await api.send("operator", "POST", LIST, { headers, body: FILE });
  expect((await api.send("operator", "POST", LIST, { headers, body: FILE })).json).toEqual(first.json);
  expect(first.json.upload_id).not.toBe(requestedSnapshotId(PRODUCTION, key));
  const other = await api.send("operator", "POST", LIST, { headers, body: { ...FILE, size: 1 } });
  expect(other.json).toEqual(refusal("INVALID_PARAMETERS", /used before/));
});

test.each([
  ["no name", { size: 1 }, /"file_name" is missing/],
  ["no size", { file_name: "a" }, /"size" is missing/],
  ["half a byte", { ...FILE, size: 1.5 }, /"size"/],
  ["less than nothing", { ...FILE, size: -1 }, /"size"/],
  ["an empty file", { ...FILE, size: 0 }, /is empty/],
  ["more than S3 can hold", { ...FILE, size: 6 * 2 ** 40 }, /larger than 5 TiB/],
])("refuses %s", async (_, body, sentence) => {
  const { status, json } = await api.send("operator", "POST", LIST, { body });
  expect(status).toBe(400);
  expect(json).toEqual(refusal("INVALID_PARAMETERS", sentence));
});

test.each([
  ["none", []],
  ["one beyond the last", [3]],
  ["part 0", [0]],
  ["more than 100", Array.from({ length: 101 }, () => 1)],
])("refuses addresses of %s", async (_, parts) => {
  const { json } = await api.send("operator", "POST", LIST, { body: FILE });
  const answer = await api.send("operator", "POST", `${LIST}/${json.upload_id}/parts`, {
    body: { part_numbers: parts },
  });
  expect(answer.status).toBe(400);
  expect(answer.json).toEqual(refusal("INVALID_PARAMETERS"));
});
