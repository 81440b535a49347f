/** What a restore asks of a target that holds the same files already: at most one request a file, in plan and files step together. */
import { createHash } from "node:crypto";
import { SegmentWindow } from "../../lambda/upload/segment-window";
import { PackWriter } from "../../lambda/pack/pack-writer";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILES_BUCKET, fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { call, callAll, item, planned, putTarget } from "./restore-fixture";
import { sealSnapshot, TARGET } from "./snapshot-fixture";
import { smallFiles } from "./test-files";

const COUNT = 5_000;
const atTarget = (c: FakeCollaborators): number =>
  c.store.requests.filter(({ ref, operation }) => ref.bucket === FILES_BUCKET && operation !== "list").length;
/** As under a key of KMS: ETags that say nothing of the bytes. */
const putOpaque = async (c: FakeCollaborators, files: ReadonlyMap<string, Buffer>): Promise<void> => {
  for (const [key, body] of files) {
    const ref = { bucket: FILES_BUCKET, key: `${TARGET}/${key}` };
    const id = await c.store.createMultipart(ref);
    await c.store.completeMultipart(ref, id, [await c.store.uploadPart(ref, id, 1, body)], {});
  }
};

test("where ETags are MD5s, none", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(COUNT);
  await sealSnapshot(c, { files });
  await putTarget(c, files);
  c.store.resetRequests();
  await planned(c);
  await callAll(c, "files");
  expect(atTarget(c)).toBe(0);
  expect((await item(c)).files).toMatchObject({ kept: COUNT, put: 0, done: true });
}, 60_000);

test("where ETags say nothing, one: what the plan has read, the files step knows", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(COUNT);
  await sealSnapshot(c, { files });
  await putOpaque(c, files);
  c.store.resetRequests();
  await planned(c);
  expect(atTarget(c)).toBe(COUNT);
  await callAll(c, "files");
  expect(atTarget(c)).toBe(COUNT);
  expect((await item(c)).files).toMatchObject({ kept: COUNT, put: 0, done: true });
}, 60_000);

test("a plan that works a little at a time is remembered as a whole; what has changed since is looked at again", async () => {
  const c = fakeCollaborators();
  const files = smallFiles(60);
  await sealSnapshot(c, { files, linesPerPart: 20 });
  await putOpaque(c, files);
  const enough = c.remaining;
  c.remaining = 59_000;
  await planned(c);
  expect((await item(c)).files.read?.length).toBeGreaterThan(5);
  c.remaining = enough;
  const [changed = "", same = ""] = files.keys();
  await putTarget(c, [[changed, Buffer.from(files.get(changed)?.map((byte) => byte ^ 1) ?? "")]]);
  await putTarget(c, [[same, files.get(same) ?? Buffer.alloc(0)]]);
  c.store.resetRequests();
  await callAll(c, "files");
  // The changed one: read, looked at, put. The other has an ETag that tells.
  expect(atTarget(c)).toBe(3);
  expect((await item(c)).files).toMatchObject({ kept: 59, put: 0, replaced: 1 });
  await callAll(c, "undo-files");
  await call(c, "fail", { Error: "x" });
});

test("an uploaded file's ETag is its MD5, small or streamed or in a pack of its own", async () => {
  const c = fakeCollaborators();
  const folder = mkdtempSync(join(tmpdir(), "window-"));
  const entries: IndexEntry[] = [];
  const place = { replication: "replicated", environmentId: "shop" } as const;
  const lock = { mode: "GOVERNANCE" as const, until: new Date("2030-01-01T00:00:00Z") };
  let packs = 0;
  const window = new SegmentWindow(
    folder,
    {
      newPack: () => new PackWriter(c.store, { bucket: PRIMARY_BUCKET, place, lock, packId: `pack-${++packs}` }),
      onEntry: (entry) => void entries.push(entry),
    },
    { bytes: 4 * 1024 * 1024, segments: 100 },
  );
  const contents = new Map([
    ["empty", Buffer.alloc(0)],
    ["small", Buffer.from("small")],
    ["streamed", Buffer.alloc(1_500_000, "streamed")],
    ["alone", Buffer.alloc(3_000_000, "alone")],
  ]);
  for (const [key, body] of contents) {
    async function* content() {
      yield body.subarray(0, 1000);
      yield body.subarray(1000);
    }
    await window.add(key, body.length, content());
  }
  await window.finish();
  await window.close();
  rmSync(folder, { recursive: true });
  const md5 = (body: Buffer): string => createHash("md5").update(body).digest("hex");
  expect(new Map(entries.map(({ key, etag }) => [key, etag]))).toEqual(
    new Map([...contents].map(([key, body]) => [key, md5(body)])),
  );
});
