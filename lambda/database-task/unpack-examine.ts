/**
 * The first pass over an upload: reads all of it, stores nothing, and refuses what can't become a snapshot. Names are
 * sorted on local disk, so that no number of files is too many to find the one that is there twice.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { NO_METADATA, parseMetadata, type ArchiveMetadata } from "../upload/archive-metadata";
import { readUpload, type StoredUpload } from "../upload/read-upload";
import { MAKE_AGAIN, quoted, UploadRefused } from "../upload/refusal";
import { SortedRuns } from "../upload/sorted-runs";
import { findTools } from "./client-programs";
import type { TaskContext } from "./task-context";
import { examineDump, type ExaminedDump } from "./unpack-dump";

export interface ExaminedUpload {
  readonly dump: ExaminedDump;
  readonly metadata: ArchiveMetadata;
  readonly files: number;
}

/** Throws UploadRefused, ToolsMissing, and what reading objects throws. */
export const examineUpload = async (
  { programs, signal }: Pick<TaskContext, "programs" | "signal">,
  upload: StoredUpload,
  folder: string,
): Promise<ExaminedUpload> => {
  const newest = Math.max(...programs.majors);
  const own = join(folder, "names");
  await mkdir(own);
  const names = new SortedRuns<{ readonly key: string }>(own);
  let metadata = NO_METADATA;
  let dump: ExaminedDump | undefined;
  await readUpload(
    upload,
    {
      metadata: (bytes) => {
        metadata = parseMetadata(bytes);
      },
      dump: async (content) => {
        dump = await examineDump(content, await findTools(programs, newest, String(newest)), signal);
      },
      // The content is passed over, and its length checked, by whoever reads the archive.
      file: (key) => names.add({ key }),
    },
    signal,
  );
  if (dump === undefined) throw new Error("An upload without a dump was not refused.");
  await refuseDuplicates(names);
  await rm(own, { recursive: true });
  return { dump, metadata, files: names.count };
};

const refuseDuplicates = async (names: SortedRuns<{ readonly key: string }>): Promise<void> => {
  let previous: string | undefined;
  for await (const { key } of names.sorted()) {
    if (key === previous) throw new UploadRefused(`it holds the file ${quoted(key)} twice`, MAKE_AGAIN);
    previous = key;
  }
};
