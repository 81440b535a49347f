/**
 * Walks a snapshot's file index once and gathers, pack by pack, which bytes live. Memory grows with the number of
 * stretches of dead bytes, not with the number of files. Only reads.
 */
import { isMissing } from "../pack/index-io";
import { TAR_BLOCK } from "../pack/tar-header";
import type { OpenSnapshot } from "../restore/open-snapshot";
import { indexLines } from "../restore/stored-lines";
import { ServiceFailure } from "../runtime/collaborators";
import { packSource, type Source } from "./layout";
import { RunCollector, type LiveRuns } from "./live-runs";

/** In the manifest's order. Throws SnapshotDamaged where index and manifest contradict each other. */
export const collectSources = async ({ manifest, reader }: OpenSnapshot): Promise<readonly Source[]> => {
  const collectors = new Map(manifest.files.packs.map(({ packId }) => [packId, new RunCollector()]));
  let files = 0;
  for await (const line of indexLines(reader, manifest.files.index, null)) {
    if (isMissing(line)) continue;
    const collector = collectors.get(line.pack);
    if (collector === undefined) throw damaged(`names the pack ${line.pack}, which the manifest lacks`);
    collector.add(line.offset, line.length, line);
    files++;
  }
  if (files !== manifest.files.count) throw damaged(`holds ${files} files instead of ${manifest.files.count}`);
  return manifest.files.packs.map((pack) => {
    const runs = runsOf(collectors.get(pack.packId) ?? new RunCollector());
    if (runs.end > pack.size) throw damaged(`reaches beyond the end of the pack ${pack.packId}`);
    if (runs.sum.rawLength % TAR_BLOCK !== 0) throw damaged(`has sizes that no tar entry of ${pack.packId} can have`);
    return packSource(pack, runs);
  });
};

const runsOf = (collector: RunCollector): LiveRuns => {
  try {
    return collector.finish();
  } catch (error) {
    if (error instanceof RangeError) throw damaged("gives two files the same bytes", error);
    throw error;
  }
};

const damaged = (what: string, cause?: unknown): ServiceFailure =>
  new ServiceFailure(
    "SnapshotDamaged",
    `The snapshot is damaged: its file index ${what}: choose another snapshot.`,
    false,
    { cause },
  );
