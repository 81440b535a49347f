/** What a downloaded archive holds, as other people's programs read it: tar, gzip, pg_restore. */
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { keyOfTarPath } from "../../lambda/pack/tar-path";
import type { FileFingerprint } from "../environments/file-fingerprint";
import { runProgram } from "../servers/child-processes";

export interface ArchiveContents {
  /** By key. */
  readonly files: ReadonlyMap<string, FileFingerprint>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** SHA-256 of the dump; absent where there is none. */
  readonly dump?: string;
  /** Entries that the exchange format does not have. */
  readonly strange: readonly string[];
}

/** Unpacks `file` beside it with the machine's own tar, reads it, and removes what was unpacked. */
export const readArchive = async (file: string): Promise<ArchiveContents> => {
  const folder = `${file}.unpacked`;
  mkdirSync(folder);
  const { code, output } = await runProgram("tar", ["-xzf", file, "-C", folder]);
  if (code !== 0) throw new Error(`tar does not read ${file}: ${output}`);
  const files = new Map<string, FileFingerprint>();
  const strange: string[] = [];
  let dump: string | undefined;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join("/");
    const key = keyOfTarPath(name);
    if (name === ".metadata") continue;
    if (name === "db/db.backup") dump = (await digest(path)).sha256;
    else if (key !== undefined && entry.isFile()) files.set(key, await digest(path));
    else strange.push(name);
  }
  const metadata = JSON.parse(readFileSync(join(folder, ".metadata"), "utf8")) as Record<string, unknown>;
  rmSync(folder, { recursive: true });
  return { files, metadata, strange, ...(dump === undefined ? {} : { dump }) };
};

export const digest = async (path: string): Promise<FileFingerprint> => {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece);
    size += piece.length;
  }
  return { size, sha256: hash.digest("hex") };
};

/** The dump's table of contents by pg_restore; throws when it can't be read. */
export const listDump = async (programs: string, file: string): Promise<number> => {
  const { code, output } = await runProgram(join(programs, "pg_restore"), ["--list", `--file=${file}.list`, file]);
  if (code !== 0) throw new Error(`pg_restore does not read ${file}: ${output}`);
  return readFileSync(`${file}.list`, "utf8")
    .split("\n")
    .filter((line) => /^\d/.test(line)).length;
};
