/** The transfer bucket's sweep: everything older than a day, nothing younger, and no upload that is being worked on. */
import type { UploadItem } from "../../lambda/catalog/items";
import { uploadKey } from "../../lambda/storage/object-keys";
import { sweepTransfer } from "../../lambda/transfer/sweep-transfer";
import { ARCHIVE, ask, begin, buildAll, item, seal, SOURCE } from "../archive/archive-fixture";
import { createLink } from "../../lambda/archive/links";
import { fakeCollaborators, testSettings, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";

const HOUR_MS = 3_600_000;
let c: FakeCollaborators;
beforeEach(() => {
  c = fakeCollaborators({ store: { pageLimit: 3 }, tablePageLimit: 2 });
  c.clock.set("2026-12-05T10:00:00Z");
});
const keys = (): string[] => c.store.versions(TRANSFER_BUCKET).map(({ key }) => key);

const makeUpload = async (uploadId: string, change: Partial<UploadItem> = {}): Promise<UploadItem> => {
  const key = uploadKey(uploadId);
  const multipartId = await c.store.createMultipart({ bucket: TRANSFER_BUCKET, key });
  const upload: UploadItem = {
    uploadId,
    environmentId: SOURCE,
    snapshotId: "s",
    fileName: "backup.tar.gz",
    comment: "",
    createdBy: "operator@example.com",
    size: 5,
    partSize: 5,
    key,
    multipartId,
    state: "open",
    statusMessage: "",
    createdAt: "2026-12-05T10:00:00Z",
    updatedAt: "2026-12-05T10:00:00Z",
    expiresAt: "2026-12-06T10:00:00Z",
    ...change,
  };
  await c.catalog.createUpload(upload);
  if (upload.state !== "open") {
    await c.store.abortMultipart({ bucket: TRANSFER_BUCKET, key }, multipartId);
    await c.store.put({ bucket: TRANSFER_BUCKET, key, body: Buffer.from("bytes") });
  }
  return upload;
};

test("an archive goes with its links and items once it is a day old", async () => {
  await seal(c, { files: new Map() });
  await ask(c);
  await begin(c);
  await buildAll(c);
  for (let link = 0; link < 5; link++) await createLink(c, await item(c), "operator@example.com");
  for (let left = 0; left < 7; left++)
    await c.store.put({ bucket: TRANSFER_BUCKET, key: `archives/${ARCHIVE}/left-${left}`, body: Buffer.from("x") });
  c.clock.advance(24 * HOUR_MS - 1000);
  await sweepTransfer(c);
  expect((await item(c)).state).toBe("completed");
  expect(keys()).toHaveLength(8);
  c.clock.advance(1000);
  await sweepTransfer(c);
  expect(keys()).toEqual([]);
  expect(JSON.stringify(c.table.all())).not.toContain(ARCHIVE);
});

test.each<[string, (snapshotId: string) => Promise<unknown>]>([
  ["has expired", async () => c.clock.set("2026-12-19T00:10:00Z")],
  ["is being deleted", (snapshotId) => c.catalog.updateSnapshot(SOURCE, snapshotId, { deleting: true })],
  ["has been deleted", (snapshotId) => c.catalog.deleteSnapshot(SOURCE, snapshotId)],
])("Rule 3: an archive whose snapshot %s goes at once, but not while it is built", async (_, end) => {
  c.clock.set("2026-12-19T00:00:00Z");
  const { snapshotId } = await seal(c, { files: new Map() });
  await ask(c);
  await begin(c);
  await sweepTransfer(c);
  expect((await item(c)).state).toBe("running");
  await buildAll(c);
  await createLink(c, await item(c), "operator@example.com");
  await sweepTransfer(c);
  expect(keys()).toHaveLength(1);
  await end(snapshotId);
  await sweepTransfer(c);
  expect(keys()).toEqual([]);
  expect(await c.catalog.getArchive(ARCHIVE)).toBeUndefined();
});

test("an open upload goes when it expires, a working one only long after", async () => {
  await makeUpload("open");
  await makeUpload("longer", { expiresAt: "2026-12-07T10:00:00Z" });
  await makeUpload("queued", { state: "queued" });
  await makeUpload("running", { state: "running" });
  await makeUpload("done", { state: "completed" });
  await makeUpload("failed", { state: "failed" });
  c.clock.advance(24 * HOUR_MS - 1000);
  await sweepTransfer(c);
  expect(c.store.uploads(TRANSFER_BUCKET)).toHaveLength(2);
  expect(keys()).toHaveLength(4);
  c.clock.advance(1000);
  await sweepTransfer(c);
  expect(c.store.uploads(TRANSFER_BUCKET).map(({ key }) => key)).toEqual([uploadKey("longer")]);
  expect(keys()).toEqual([uploadKey("queued"), uploadKey("running")]);
  c.clock.advance(48 * HOUR_MS);
  await sweepTransfer(c);
  expect(keys()).toEqual([]);
  expect(c.store.uploads(TRANSFER_BUCKET)).toEqual([]);
  expect((await c.catalog.listUploads(c.clock.now())).items).toEqual([]);
});

test("what no item names goes after a day, over many pages", async () => {
  for (let left = 0; left < 10; left++) {
    await c.store.put({ bucket: TRANSFER_BUCKET, key: `archives/a/${left}`, body: Buffer.from("x") });
    await c.store.put({ bucket: TRANSFER_BUCKET, key: `uploads/${left}/archive`, body: Buffer.from("x") });
    await c.store.createMultipart({ bucket: TRANSFER_BUCKET, key: `archives/m/${left}` });
  }
  c.clock.advance(12 * HOUR_MS);
  await c.store.put({ bucket: TRANSFER_BUCKET, key: "archives/a/young", body: Buffer.from("x") });
  await c.store.createMultipart({ bucket: TRANSFER_BUCKET, key: "archives/m/young" });
  c.clock.advance(12 * HOUR_MS);
  await sweepTransfer(c);
  expect(keys()).toEqual(["archives/a/young"]);
  expect(c.store.uploads(TRANSFER_BUCKET).map(({ key }) => key)).toEqual(["archives/m/young"]);
});

test("an archive whose execution has ended without a word is recorded as failed", async () => {
  await seal(c, { files: new Map() });
  await ask(c);
  await begin(c);
  await sweepTransfer(c);
  expect((await item(c)).state).toBe("running");
  c.workflows.ended.add((await item(c)).executionArn ?? "");
  await sweepTransfer(c);
  expect(await item(c)).toMatchObject({
    state: "failed",
    statusMessage: "The archive's execution was stopped before its end: ask for the archive anew.",
    finishedAt: "2026-12-05T10:00:00Z",
  });
  expect((await c.catalog.listPins(SOURCE)).items).toEqual([]);
});

test("an archive that was never started is recorded as failed, but not at once", async () => {
  await seal(c, { files: new Map() });
  await ask(c);
  const { archiveId } = await item(c);
  c.workflows.unfound.add(
    `${testSettings.ARCHIVE_STATE_MACHINE_ARN.replace(":stateMachine:", ":execution:")}:${archiveId}`,
  );
  c.clock.advance(9 * 60_000);
  await sweepTransfer(c);
  expect((await item(c)).state).toBe("queued");
  c.clock.advance(60_000);
  await sweepTransfer(c);
  expect((await item(c)).state).toBe("failed");
});
