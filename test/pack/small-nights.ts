/** What the packer's tests share: nights with small limits, and what they leave behind. */
import { spawnSync } from "node:child_process";
import type { FileSource } from "../../lambda/pack/file-source";
import { compareKeys } from "../../lambda/pack/key-order";
import { keyOfTarPath } from "../../lambda/pack/tar-path";
import type { MemoryStore } from "../support/memory-store";
import { BUCKET, bytesOf, packNight, seeded, sha256, type NightOptions, type NightResult } from "./support";

export const KIB = 1024;
/** Limits so small that a few files meet them all. */
export const SMALL = {
  packBytes: 64 * KIB,
  smallFile: 8 * KIB,
  partLines: 20,
  packsBetweenSaves: 3,
  files: 4,
  bytes: 32 * KIB,
  steps: 30,
};
/** Files of these sizes. */
export const someFiles =
  (next: () => number) =>
  (sizes: Record<string, number>): Map<string, Buffer> =>
    new Map(Object.entries(sizes).map(([key, size]) => [key, bytesOf(next, size)]));
/** One night with small limits. */
export const night = (
  store: MemoryStore,
  source: FileSource,
  keys: readonly string[],
  more: Partial<NightOptions> = {},
): Promise<NightResult> =>
  packNight(store, {
    night: 1,
    keys,
    source,
    base: null,
    random: seeded(keys.length + 1000 * (more.night ?? 1)),
    limits: SMALL,
    ...more,
  });
/** Key and hash of every file, in order. */
export const summary = (files: ReadonlyMap<string, Buffer | undefined>): string[] =>
  [...files]
    .toSorted(([a], [b]) => compareKeys(a, b))
    .map(([key, content]) => `${key} ${content === undefined ? "missing" : sha256(content)}`);

/** What `tar` finds in every pack of the bucket, per pack: key and hash. Throws when a pack isn't a valid archive. */
export function unpacked(store: MemoryStore): string[] {
  const script = `
import hashlib, io, json, sys, tarfile
tar = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode="r:gz")
print(json.dumps([[m.name, hashlib.sha256(tar.extractfile(m).read()).hexdigest()] for m in tar]))`;
  return store
    .versions(BUCKET)
    .filter((version) => version.key.includes("/packs/"))
    .flatMap((version) => {
      const run = spawnSync("python3", ["-c", script], { input: version.body, encoding: "utf8", maxBuffer: 1e9 });
      if (run.status !== 0) throw new Error(run.stderr);
      return (JSON.parse(run.stdout) as [string, string][]).map(([path, hash]) => `${keyOfTarPath(path)} ${hash}`);
    });
}
