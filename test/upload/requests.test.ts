/** What a client asks for while it uploads: parts, their addresses, completing and giving up, each safe to repeat. */
import type { UploadItem } from "../../lambda/catalog/items";
import { abortUpload } from "../../lambda/upload/abort-upload";
import { completeUpload } from "../../lambda/upload/complete-upload";
import { createUpload } from "../../lambda/upload/create-upload";
import { currentUpload } from "../../lambda/upload/current-upload";
import { partCount, partSizeFor, sizeOfPart } from "../../lambda/upload/part-plan";
import { partUrls, uploadedParts } from "../../lambda/upload/parts";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";
import { TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { ENVIRONMENT, uploadWorld } from "./upload-fixture";

const MIB = 1024 * 1024;
const WISH = { environmentId: ENVIRONMENT, fileName: "a.tar.gz", size: 40 * MIB, comment: "c", createdBy: "Operator" };
const presigner = {
  getUrl: async () => ({ url: "", expiresAt: new Date(0) }),
  partUrl: async ({ key }: { key: string }, part: { partNumber: number; uploadId: string; seconds: number }) =>
    `https://s3/${key}?${part.uploadId}&${part.partNumber}&${part.seconds}`,
};

let world: FakeCollaborators;
let upload: UploadItem;
beforeEach(async () => {
  world = await uploadWorld();
  upload = await createUpload(world, WISH);
});
const put = (partNumber: number, bytes: number): Promise<unknown> =>
  world.store.uploadPart(
    { bucket: TRANSFER_BUCKET, key: upload.key },
    upload.multipartId,
    partNumber,
    Buffer.alloc(bytes, partNumber),
  );
const putAll = async (): Promise<void> => {
  await put(1, 16 * MIB);
  await put(2, 16 * MIB);
  await put(3, 8 * MIB);
};
const standing = async (): Promise<UploadItem> => must(await world.catalog.getUpload(upload.uploadId));

test("parts have 16 MiB, or what ten thousand of them need", () => {
  expect(partSizeFor(1)).toBe(16 * MIB);
  expect(partSizeFor(160_000 * MIB)).toBe(16 * MIB);
  expect(partSizeFor(160_000 * MIB + 1)).toBe(17 * MIB);
  const size = 5 * 1024 ** 4;
  const whole = { size, partSize: partSizeFor(size) };
  expect(partCount(whole)).toBeLessThanOrEqual(10_000);
  const sizes = Array.from({ length: partCount(whole) }, (_, n) => sizeOfPart(whole, n + 1));
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(size);
});

test.each([
  [{ size: 0 }, "InvalidInput", /is empty/],
  [{ size: -1 }, "InvalidInput", /whole number/],
  [{ size: 1.5 }, "InvalidInput", /whole number/],
  [{ size: 5 * 1024 ** 4 + 1 }, "InvalidInput", /larger than 5 TiB/],
  [{ fileName: "" }, "InvalidInput", /1 to 255/],
  [{ environmentId: "other" }, "EnvironmentNotFound", /no environment other/],
])("an impossible upload %j is refused before anything is begun", async (change, code, says) => {
  const before = world.store.uploads(TRANSFER_BUCKET).length;
  const refused = createUpload(world, { ...WISH, ...change });
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string });
  expect(world.store.uploads(TRANSFER_BUCKET)).toHaveLength(before);
});

test("asking twice with one id is one upload", async () => {
  const [one, two] = await Promise.all([
    createUpload(world, { ...WISH, uploadId: "same" }),
    createUpload(world, { ...WISH, uploadId: "same" }),
  ]);
  expect(two).toEqual(one);
  expect(await createUpload(world, { ...WISH, uploadId: "same" })).toEqual(one);
  expect(world.store.uploads(TRANSFER_BUCKET).filter(({ key }) => key === one.key)).toHaveLength(1);
});

test("addresses are for parts that there are, at most a hundred, for an hour", async () => {
  expect(await partUrls({ ...world, presigner }, upload, [3, 1, 3])).toEqual(
    [3, 1].map((partNumber) => ({
      partNumber,
      url: `https://s3/${upload.key}?${upload.multipartId}&${partNumber}&3600`,
    })),
  );
  for (const wrong of [[], [0], [4], [1.5], Array.from({ length: 101 }, () => 1)])
    await expect(partUrls({ ...world, presigner }, upload, wrong)).rejects.toMatchObject({ code: "InvalidInput" });
});

test("a client that comes back learns what has arrived", async () => {
  await put(2, 16 * MIB);
  expect(await uploadedParts(world, upload)).toMatchObject([{ partNumber: 2, size: 16 * MIB }]);
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  ["nothing has arrived", async () => undefined, /part 1 of 3 has not arrived/],
  ["the last part is missing", () => Promise.all([put(1, 16 * MIB), put(2, 16 * MIB)]), /part 3 of 3 has not arrived/],
  [
    "a part is short",
    () => Promise.all([put(1, 5 * MIB), put(2, 16 * MIB), put(3, 8 * MIB)]),
    /part 1 of 3 has 5242880 bytes instead of 16777216/,
  ],
  [
    "the last part is long",
    () => Promise.all([put(1, 16 * MIB), put(2, 16 * MIB), put(3, 9 * MIB)]),
    /part 3 of 3 has/,
  ],
  ["there is a part too many", () => Promise.all([putAll(), put(4, 1)]), /a part 4, beyond its last one, 3/],
])("when %s it can't be completed, and goes on", async (_, prepare, says) => {
  await prepare();
  await expect(completeUpload(world, upload)).rejects.toMatchObject({
    code: "UploadIncomplete",
    message: expect.stringMatching(says) as string,
  });
  expect(world.workflows.started).toEqual([]);
  expect(await standing()).toMatchObject({ state: "open" });
  expect(await world.catalog.getSnapshot(ENVIRONMENT, upload.snapshotId)).toBeUndefined();
});

test("completing queues the snapshot and starts one execution, however often", async () => {
  await putAll();
  const first = await completeUpload(world, upload);
  expect(first).toMatchObject({ state: "queued" });
  expect(await completeUpload(world, upload)).toMatchObject({ state: "queued" });
  expect(await completeUpload(world, await standing())).toMatchObject({ state: "queued" });
  expect(world.workflows.started).toHaveLength(1);
  expect(world.workflows.started[0]).toMatchObject({
    stateMachineArn: world.settings.UPLOAD_STATE_MACHINE_ARN,
    input: {
      uploadId: upload.uploadId,
      request: { trigger: "upload", tier: "uploaded", snapshotId: upload.snapshotId },
    },
  });
  expect(world.store.bytes(TRANSFER_BUCKET, upload.key)).toHaveLength(WISH.size);
  expect(await world.catalog.getSnapshot(ENVIRONMENT, upload.snapshotId)).toMatchObject({
    state: "queued",
    tier: "uploaded",
    createdBy: "Operator",
    modelVersion: "",
  });
});

test("a lost answer anywhere while completing is made good by asking again", async () => {
  await putAll();
  for (let at = 1; ; at++) {
    let requests = 0;
    const lose = (): void => {
      if (++requests === at) throw new StoreUnavailable("lost");
    };
    world.store.onReply = lose;
    world.table.onReply = lose;
    const lost = await completeUpload(world, await readQuietly()).then(
      () => false,
      () => true,
    );
    world.store.onReply = undefined;
    world.table.onReply = undefined;
    if (!lost && requests < at) break;
    expect(await completeUpload(world, await standing())).toMatchObject({ state: "queued" });
  }
  expect(world.workflows.started).toHaveLength(1);

  async function readQuietly(): Promise<UploadItem> {
    const { onReply } = world.table;
    world.table.onReply = undefined;
    const item = await standing();
    world.table.onReply = onReply;
    return item;
  }
});

test("an upload that was given up is gone, and can't be completed", async () => {
  await putAll();
  await abortUpload(world, upload);
  await abortUpload(world, upload);
  expect(world.store.uploads(TRANSFER_BUCKET)).toEqual([]);
  expect(await world.catalog.getUpload(upload.uploadId)).toBeUndefined();
  await expect(completeUpload(world, upload)).rejects.toMatchObject({ code: "UploadNotFound" });
  await expect(uploadedParts(world, upload)).rejects.toMatchObject({ code: "UploadNotFound" });
  expect(world.workflows.started).toEqual([]);
});

test("a completed upload is no longer open to anything", async () => {
  await putAll();
  await completeUpload(world, upload);
  const queued = await standing();
  for (const refused of [
    abortUpload(world, queued),
    abortUpload(world, upload),
    partUrls({ ...world, presigner }, queued, [1]),
    uploadedParts(world, queued),
  ])
    await expect(refused).rejects.toMatchObject({ code: "UploadNotOpen" });
  expect(world.store.bytes(TRANSFER_BUCKET, upload.key)).toHaveLength(WISH.size);
});

test("from its completion on an upload is shown as its snapshot is", async () => {
  await putAll();
  await completeUpload(world, upload);
  const queued = await standing();
  expect(await currentUpload(world, queued)).toMatchObject({ state: "queued" });
  await world.catalog.updateSnapshot(ENVIRONMENT, upload.snapshotId, { state: "failed", statusMessage: "Because." });
  expect(await currentUpload(world, queued)).toMatchObject({ state: "failed", statusMessage: "Because." });
});
