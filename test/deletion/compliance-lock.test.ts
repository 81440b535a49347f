/** Until when nobody may delete a snapshot: each reason by itself, to the second. */
import { lockedSentence, lockedUntil } from "../../lambda/deletion/compliance-lock";
import type { SnapshotItem } from "../../lambda/catalog/items";
import type { ObjectInfo } from "../../lambda/storage/object-store";
import { ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import { fakeCollaborators } from "../support/collaborators";
import { EARLIER, item, LATER, NOW } from "../retention/evidence-of";

const MANIFEST = { key: "manifest", versionId: "v", size: 1, sha256: "s", crc32: 1 };
const POINT = { vault: "vault", arn: "arn", copyVault: null, copyArn: null };
const until = (
  change: Partial<SnapshotItem>,
  head: () => Promise<Partial<ObjectInfo>> = async () => ({}),
  mode: "GOVERNANCE" | "COMPLIANCE" = "GOVERNANCE",
) => {
  const collaborators = fakeCollaborators({ settings: { LOCK_MODE: mode }, now: NOW });
  collaborators.store.head = head as typeof collaborators.store.head;
  return lockedUntil(item("one", { manifest: MANIFEST, ...change }), collaborators);
};
const locked = (mode: "GOVERNANCE" | "COMPLIANCE", date: string | Date) => async () => ({
  lock: { mode, until: new Date(date) },
});
const unavailable = async () => Promise.reject(new StoreUnavailable("The store is away."));

test("nothing keeps a snapshot sealed in governance mode, or without a lock", async () => {
  expect(await until({}, locked("GOVERNANCE", LATER))).toBeUndefined();
  expect(await until({})).toBeUndefined();
});
test("compliance by the setting: until the snapshot expires, whatever it was sealed with", async () => {
  expect(await until({}, unavailable, "COMPLIANCE")).toBe(LATER);
});
test("compliance by its own seal: until that lock's end, and not at its second any more", async () => {
  expect(await until({}, locked("COMPLIANCE", LATER))).toBe(LATER);
  expect(await until({}, locked("COMPLIANCE", EARLIER))).toBeUndefined();
  expect(await until({}, locked("COMPLIANCE", NOW))).toBeUndefined();
});
test("a recovery point: until its vault lets go, in either mode, and not at that second any more", async () => {
  for (const mode of ["GOVERNANCE", "COMPLIANCE"] as const)
    expect(await until({ recoveryPoint: { ...POINT, deleteAt: "2026-12-27T00:00:00Z" } }, unavailable, mode)).toBe(
      "2026-12-27T00:00:00Z",
    );
  for (const deleteAt of [EARLIER, NOW.toISOString()])
    expect(await until({ recoveryPoint: { ...POINT, deleteAt } })).toBeUndefined();
});
test("without a manifest nothing is looked up", async () => {
  expect(await until({ manifest: null }, unavailable)).toBeUndefined();
});
test("a manifest that is gone locks nothing; one that can't be looked at is no answer", async () => {
  const gone = async () => Promise.reject(new ObjectNotFound("gone"));
  expect(await until({}, gone)).toBeUndefined();
  await expect(until({}, unavailable)).rejects.toThrow("The store is away.");
});
test("the sentence says what locks it", () => {
  expect(lockedSentence(item("one"), LATER)).toMatch(/^Snapshot one can't be deleted before .*in compliance mode/);
  const point = item("one", { recoveryPoint: { ...POINT, deleteAt: LATER } });
  expect(lockedSentence(point, LATER)).toMatch(/a recovery point of AWS Backup.*from 2026-12-25T00:00:00Z on/);
});
