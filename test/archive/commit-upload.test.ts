/** The reply to completing an upload is lost, and the client's repetition finds no upload any more: the archive stands. */
import { bytesOf, seeded } from "../pack/support";
import { fakeCollaborators, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { ask, begin, buildAll, archiveBytes, item, make, seal, SMALL_PARTS, SMALL_STORE } from "./archive-fixture";

const next = seeded(5);
const DUMP = Buffer.concat([Buffer.from("PGDMP"), bytesOf(next, 9 * 1024 ** 2)]);
const world = { files: new Map([["a", bytesOf(next, 40_000)]]), dump: DUMP };
const limits = { limits: SMALL_PARTS };

let c: FakeCollaborators;
beforeEach(async () => {
  c = fakeCollaborators(SMALL_STORE);
  await seal(c, world);
});
/** Repeats each completing request, as a client does that has lost the reply. */
const loseReplies = (between: () => Promise<unknown> = async () => undefined): void => {
  const complete = c.store.completeMultipart.bind(c.store);
  c.store.completeMultipart = async (...request) => {
    await complete(...request);
    await between();
    return complete(...request);
  };
};
const count = (operation: string): number =>
  c.store.requests.filter((one) => one.operation === operation && one.ref.bucket === TRANSFER_BUCKET).length;

test.each(["files_and_database", "database_only"] as const)("%s: nothing is done twice", async (dataType) => {
  loseReplies();
  const archive = await make(c, dataType, limits);
  expect(await item(c)).toMatchObject({ state: "completed", size: archive.length });
  if (dataType === "database_only") expect(archive.equals(DUMP)).toBe(true);
  expect(count("createMultipart")).toBe(1);
  expect(c.log.lines).toEqual([]);
});

test("an object of another size is not taken for it", async () => {
  let completed = 0;
  const shorten = async (): Promise<void> => {
    const { key } = await item(c);
    if (++completed === 1) await c.store.put({ bucket: TRANSFER_BUCKET, key, body: Buffer.from("short") });
  };
  loseReplies(shorten);
  await ask(c);
  await begin(c);
  await expect(buildAll(c, limits)).resolves.toMatchObject({ outcome: "done" });
  expect(count("createMultipart")).toBe(2);
  expect((await archiveBytes(c)).length).toBe((await item(c)).size);
});
