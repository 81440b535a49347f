/**
 * A full or files-only archive: plan, parts, commit. Everything that the parts follow from is in the plan's
 * fingerprint; progress of another plan is given up. What stops a build for good is thrown; what another plan can get
 * around (an unreadable object, a server that does not copy, an upload that was swept) begins it anew, with a limit.
 */
import { createHash } from "node:crypto";
import type { ArchiveDataType, ArchiveItem } from "../catalog/items";
import { readRange } from "../pack/ranged-read";
import type { OpenSnapshot } from "../restore/open-snapshot";
import { ServiceFailure } from "../runtime/collaborators";
import { dumpOf } from "../snapshot/manifest";
import type { ObjectRef } from "../storage/object-store";
import { StorageError, StoreUnavailable, UploadNotFound } from "../storage/storage-errors";
import { record } from "./archive-state";
import { CopyRefused, fill, partResults, SourceSuspected, storeParts, wholeSum, type Assembly } from "./assemble";
import type { BuildCollaborators } from "./build-archive";
import { readProgress, saveProgress, type BuildProgress } from "./build-progress";
import { collectSources } from "./collect-runs";
import { commitUpload } from "./commit-upload";
import { readDumpPart, type DumpPart } from "./dump-part";
import { findUnreadable } from "./find-unreadable";
import { layOut, type Layout, type Source } from "./layout";
import { fittingLimits, planParts, type MayCopy, type Part, type PartLimits } from "./part-plan";
import { snapshotDamaged, SourceStream, SourceUnreadable } from "./source-stream";

/** Enough for several unreadable objects; an end to a build that never gets on. */
const MOST_RESTARTS = 20;
const SAVE_EVERY_MS = 60_000;
/** The archive item is written at most this often in a build. */
const REPORTS = 50;

export interface GzipBuild {
  readonly archive: ArchiveItem;
  readonly dataType: ArchiveDataType;
  readonly target: ObjectRef;
  readonly snapshot: OpenSnapshot;
  readonly limits: PartLimits;
}
interface Plan {
  readonly layout: Layout;
  readonly limits: PartLimits;
  readonly mayCopy: MayCopy;
  readonly fingerprint: string;
}
type Standing = Pick<BuildProgress, "fromReplica" | "copies" | "restarts">;

export const buildGzip = async (
  collaborators: BuildCollaborators,
  gzip: GzipBuild,
): Promise<{ readonly outcome: "done" | "more"; readonly size: number }> => {
  const sources = await collectSources(gzip.snapshot);
  const dump = gzip.dataType === "files_only" ? null : await readDumpPart(gzip.snapshot);
  let progress: BuildProgress | undefined = await readProgress(collaborators, gzip.archive.archiveId);
  let standing: Standing = standingOf(progress);
  for (;;) {
    const plan = planOf(gzip, sources, dump, standing);
    const { size } = plan.layout;
    if (progress?.plan !== plan.fingerprint) {
      await giveUp(collaborators, gzip, progress);
      progress = newProgress(gzip, plan, standing);
    }
    let latest: BuildProgress = progress;
    try {
      const outcome = await run(collaborators, gzip, plan, progress, (reached) => void (latest = reached));
      return { outcome, size };
    } catch (error) {
      standing = await around(collaborators, gzip, standing, error).catch(async (final: unknown) => {
        await keep(collaborators, gzip, latest);
        throw final;
      });
      await giveUp(collaborators, gzip, latest);
      progress = undefined;
    }
  }
};

const standingOf = (progress: BuildProgress | undefined): Standing => {
  if (progress === undefined) return { fromReplica: [], copies: true, restarts: 0 };
  const { fromReplica, copies, restarts } = progress;
  return { fromReplica, copies, restarts };
};

const planOf = (
  { snapshot, dataType, limits }: GzipBuild,
  sources: readonly Source[],
  dump: DumpPart | null,
  standing: Standing,
): Plan => {
  const replicas = new Set(standing.fromReplica);
  const mayCopy: MayCopy = ({ entry }) => standing.copies && !replicas.has(entry.key);
  const isStreamed = (source: Source): boolean =>
    !mayCopy(source) || source.entry.size <= limits.smallestSource || source.longest < limits.copiedRun;
  const layout = layOut(snapshot.manifest, sources, dump, isStreamed);
  const fitting = fittingLimits(layout, limits, mayCopy);
  const hash = createHash("sha256").update(
    JSON.stringify([snapshot.snapshot.manifest?.sha256, dataType, fitting, standing.copies, standing.fromReplica]),
  );
  for (const item of layout.items) hash.update(Buffer.isBuffer(item) ? item : item.entry.key);
  return { layout, limits: fitting, mayCopy, fingerprint: hash.digest("hex") };
};

const newProgress = ({ target }: GzipBuild, plan: Plan, standing: Standing): BuildProgress => ({
  plan: plan.fingerprint,
  uploadId: null,
  key: target.key,
  parts: [],
  bytes: 0,
  passing: null,
  ...standing,
});

const run = async (
  collaborators: BuildCollaborators,
  gzip: GzipBuild,
  plan: Plan,
  start: BuildProgress,
  reach: (progress: BuildProgress) => void,
): Promise<"done" | "more"> => {
  const { store, clock } = collaborators;
  const { archive, target } = gzip;
  const { layout } = plan;
  const stream = new SourceStream(collaborators, new Set(start.fromReplica));
  const only = onlyPart(plan);
  if (only !== undefined) {
    try {
      const { body } = await fill(stream, only);
      await store.put({ ...target, body, contentType: "application/gzip" });
      return "done";
    } finally {
      await stream.close();
    }
  }
  const uploadId = start.uploadId ?? (await store.createMultipart({ ...target, contentType: "application/gzip" }));
  let savedAt = clock.now().getTime();
  let reported = archive.bytesDone;
  const report = async ({ bytes }: BuildProgress): Promise<void> => {
    reported = bytes;
    await record(collaborators, archive, { size: layout.size, bytesDone: bytes });
  };
  const onPart: Assembly["onPart"] = async (progress) => {
    reach(progress);
    if (Math.abs(progress.bytes - reported) >= layout.size / REPORTS) await report(progress);
    if (clock.now().getTime() - savedAt < SAVE_EVERY_MS) return;
    savedAt = clock.now().getTime();
    await saveProgress(collaborators, archive.archiveId, progress);
  };
  const assembly: Assembly = { target, ...plan, stream, onPart };
  const begun = { ...start, uploadId, parts: [...start.parts] };
  reach(begun);
  const { outcome, progress } = await storeParts(collaborators, assembly, uploadId, begun);
  if (outcome === "more") {
    await saveProgress(collaborators, archive.archiveId, progress);
    await report(progress);
    return "more";
  }
  const whole = wholeSum(progress, sizesOf(plan));
  const options = whole === undefined ? {} : { crc32: whole };
  const upload = { uploadId, parts: partResults(progress), size: layout.size };
  await commitUpload(store, target, upload, options);
  return "done";
};

/** The archive's only part, where it is streamed: one PutObject. */
const onlyPart = ({ layout, limits, mayCopy }: Plan): Extract<Part, { kind: "stream" }> | undefined => {
  const [first, second] = planParts(layout, limits, mayCopy);
  return first?.kind === "stream" && second === undefined ? first : undefined;
};

function* sizesOf({ layout, limits, mayCopy }: Plan): Generator<number> {
  for (const part of planParts(layout, limits, mayCopy))
    yield part.kind === "stream" ? part.bytes : part.last - part.first + 1;
}

const giveUp = async (
  { store, log }: BuildCollaborators,
  { target, archive }: GzipBuild,
  progress: BuildProgress | undefined,
): Promise<void> => {
  if (progress === undefined || progress.uploadId === null) return;
  try {
    await store.abortMultipart({ ...target, key: progress.key }, progress.uploadId);
  } catch (error) {
    log.warn("An archive's parts are left for the sweep.", { archiveId: archive.archiveId, cause: String(error) });
  }
};

/** So that a repetition goes on, or the upload is at least known. The failure itself is the one to tell. */
const keep = async (
  collaborators: BuildCollaborators,
  { archive }: GzipBuild,
  latest: BuildProgress,
): Promise<void> => {
  if (latest.uploadId === null) return;
  await saveProgress(collaborators, archive.archiveId, latest).catch((error: unknown) => {
    collaborators.log.warn("How far an archive has come can't be kept.", {
      archiveId: archive.archiveId,
      cause: String(error),
    });
  });
};

/** How to begin anew; throws `error` where that would not help. */
const around = async (
  collaborators: BuildCollaborators,
  { archive, dataType, snapshot }: GzipBuild,
  standing: Standing,
  error: unknown,
): Promise<Standing> => {
  const next = { ...standing, restarts: standing.restarts + 1 };
  const canHelp =
    error instanceof SourceUnreadable ||
    error instanceof CopyRefused ||
    error instanceof SourceSuspected ||
    error instanceof UploadNotFound;
  if (!canHelp) throw error;
  collaborators.log.warn("An archive is begun anew.", { archiveId: archive.archiveId, reason: error.message });
  if (next.restarts > MOST_RESTARTS) {
    throw new ServiceFailure(
      "ArchiveNotFinished",
      `Archive ${archive.archiveId} was begun ${next.restarts} times and never finished (${error.message}): ask anew later.`,
      false,
      { cause: error },
    );
  }
  if (error instanceof UploadNotFound) return next;
  const { source } = error;
  if (!(error instanceof SourceUnreadable) && (await isIntact(collaborators, source, error))) {
    return { ...next, copies: false };
  }
  const { key } = source.entry;
  if (snapshot.manifest.replication !== "replicated" || standing.fromReplica.includes(key))
    throw snapshotDamaged(source, error.cause ?? error);
  const { manifest } = snapshot;
  const others = [...(dataType === "files_only" ? [] : [dumpOf(manifest)]), ...manifest.files.packs].filter(
    (entry) => entry.key !== key && !standing.fromReplica.includes(entry.key),
  );
  const alike = await findUnreadable(collaborators, others);
  return { ...next, fromReplica: [...standing.fromReplica, key, ...alike] };
};

/** Reads a suspected object whole; of one that was not copied, only whether it is there. */
const isIntact = async (
  { store, settings }: BuildCollaborators,
  { entry }: Source,
  error: CopyRefused | SourceSuspected,
): Promise<boolean> => {
  const { key, versionId, size, sha256 } = entry;
  const ref = { bucket: settings.PRIMARY_BUCKET, key, versionId };
  try {
    if (error instanceof CopyRefused) return (await store.head(ref)).size === size;
    const hash = createHash("sha256");
    for await (const chunk of readRange(store, ref, 0, size - 1)) hash.update(chunk);
    return hash.digest("hex") === sha256;
  } catch (found) {
    if (found instanceof StorageError && !(found instanceof StoreUnavailable)) return false;
    throw found;
  }
};
