/** A file to upload, which must stay as it is meanwhile: its parts are read when they are sent, and again after a failure. */
import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { CommandFailure } from "../surroundings";

export interface UploadSource {
  readonly file: string;
  readonly size: number;
  readonly changedAt: Date;
  /** Read from the disk as it is sent; half-open range of bytes. */
  slice(from: number, to: number): Blob;
  /** Throws CommandFailure when it has changed since it was opened. */
  checkUnchanged(): Promise<void>;
}

/** Throws CommandFailure. */
export async function openSource(file: string): Promise<UploadSource> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new CommandFailure(2, [`The file ${file} can't be read; check its name and permissions.`], { cause });
  });
  if (!found.isFile()) throw new CommandFailure(2, [`${file} is no file; give an archive or a database dump.`]);
  if (found.size === 0) throw new CommandFailure(2, [`The file ${file} is empty; give an archive or a database dump.`]);
  const blob = await openAsBlob(file);
  return {
    file,
    size: found.size,
    changedAt: found.mtime,
    slice: (from, to) => blob.slice(from, to),
    checkUnchanged: async () => {
      const now = await stat(file).catch(() => undefined);
      if (now?.size === found.size && now.mtimeMs === found.mtimeMs) return;
      throw new CommandFailure(2, [`${file} was changed while it was uploaded; begin a new upload.`]);
    },
  };
}
