/**
 * Builds an archive of a snapshot with 10 % dead files and prints in MB the most that the build held at any request,
 * above what was there before it: garbage is collected before each look (`node --expose-gc`). The archive itself is
 * thrown away as it comes, so that only what the build holds is counted.
 */
import type { PartResult } from "../../lambda/storage/object-store";
import { build } from "../../lambda/archive/build-archive";
import { bytesOf, seeded, uuid } from "../pack/support";
import { fakeCollaborators } from "../support/collaborators";
import { ARCHIVE, ask, begin, item, seal } from "./archive-fixture";

const [count = 0, size = 0] = process.argv.slice(2).map(Number);

/** Heap and buffers, without garbage. */
const held = (): number => {
  if (globalThis.gc === undefined) throw new Error("Run this with node --expose-gc.");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const main = async (): Promise<void> => {
  const c = fakeCollaborators();
  const next = seeded(1);
  const files = new Map(Array.from({ length: count }, () => [uuid(next), bytesOf(next, size)]));
  await seal(c, { files, isDead: (_key, number) => number % 10 === 3, dump: bytesOf(next, 12_000_000) });
  files.clear();
  await ask(c);
  await begin(c);
  let baseline = Number.POSITIVE_INFINITY;
  let most = 0;
  let parts = 0;
  const look = (): void => {
    const now = held();
    baseline = Math.min(baseline, now);
    most = Math.max(most, now - baseline);
  };
  const discarded = async (partNumber: number): Promise<PartResult> => {
    parts++;
    look();
    await new Promise((resolve) => setTimeout(resolve, 20));
    look();
    return { partNumber, etag: "e" };
  };
  c.store.uploadPart = (_ref, _id, partNumber) => discarded(partNumber);
  c.store.uploadPartCopy = (_ref, _id, partNumber) => discarded(partNumber);
  c.store.completeMultipart = async () => ({ etag: "e" });
  c.store.onRequest = look;
  look();
  await build(c, { archiveId: ARCHIVE });
  if ((await item(c)).state !== "completed") throw new Error("It was not built.");
  console.log(JSON.stringify({ megabytes: Math.ceil(most / 1_000_000), parts }));
};
void main();
