/**
 * Standard input as a file: an upload says its size first, and sends a part again that fails, so what can be read only
 * once is written to disk before anything is sent. The file is readable by its owner alone, and goes however the command
 * ends, short of being killed.
 */
import { rmSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { LARGEST_UPLOAD } from "../../../lambda/upload/part-plan";
import { size } from "../plain-text";
import { CommandFailure } from "../surroundings";

export interface SpooledInput {
  readonly file: string;
  readonly remove: () => Promise<void>;
}

/** Left to everything else that is on the disk. */
const RESERVE_BYTES = 100_000_000;
const LOOK_EVERY_BYTES = 50_000_000;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const freeOn = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** `free`: bytes that are free on a folder's disk. Throws CommandFailure. */
export async function spoolInput(
  input: Readable & { readonly isTTY?: boolean },
  folder = tmpdir(),
  free = freeOn,
): Promise<SpooledInput> {
  if (input.isTTY === true)
    throw new CommandFailure(2, [
      "Standard input is a terminal; pipe an archive or a database dump into this command.",
    ]);
  const own = await mkdtemp(join(folder, "backups-upload-")).catch((cause: unknown) => {
    const sentence = `Standard input is kept in ${folder} until it is sent, which can't be written; name another folder in TMPDIR.`;
    throw new CommandFailure(2, [sentence], { cause });
  });
  const forget = removeAtExit(own);
  const remove = async (): Promise<void> => {
    await rm(own, { recursive: true, force: true });
    forget();
  };
  const file = join(own, "standard-input");
  try {
    await copy(input, file, () => free(own));
    return { file, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function copy(input: Readable, file: string, free: () => Promise<number>): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    let done = 0;
    let nextLook = 0;
    for await (const piece of pieces(input, () => done)) {
      if (done >= nextLook) {
        if ((await free()) < RESERVE_BYTES + LOOK_EVERY_BYTES) throw full(file, done);
        nextLook = done + LOOK_EVERY_BYTES;
      }
      await write(handle, piece, () => full(file, done));
      done += piece.length;
      if (done > LARGEST_UPLOAD)
        throw new CommandFailure(2, [`Standard input has more than ${size(LARGEST_UPLOAD)}; no upload may be larger.`]);
    }
    if (done === 0)
      throw new CommandFailure(2, ["Standard input is empty; pipe an archive or a database dump into this command."]);
  } finally {
    await handle.close();
  }
}

/** Its own failures are told from those of the disk. */
async function* pieces(input: Readable, done: () => number): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of input) yield piece as Uint8Array;
  } catch (cause) {
    const { code = "it broke off" } = cause as NodeJS.ErrnoException;
    throw new CommandFailure(1, [`Standard input could be read only to byte ${done()} (${code}); nothing was sent.`], {
      cause,
    });
  }
}

async function write(handle: FileHandle, piece: Uint8Array, otherwise: () => CommandFailure): Promise<void> {
  try {
    for (let at = 0; at < piece.length;) at += (await handle.write(piece, at)).bytesWritten;
  } catch {
    throw otherwise();
  }
}

const full = (file: string, done: number): CommandFailure =>
  new CommandFailure(1, [
    `Standard input is kept on disk until it is sent, and after ${size(done)} there is no room for more at ${file}; name a folder with room in TMPDIR, or upload a file. Nothing was sent.`,
  ]);

/** Also when a signal or a closed output ends the process. */
function removeAtExit(folder: string): () => void {
  const onExit = (): void => rmSync(folder, { recursive: true, force: true });
  const ends = Object.entries(SIGNALS).map(([signal, code]) => [signal, () => process.exit(code)] as const);
  process.once("exit", onExit);
  for (const [signal, end] of ends) process.once(signal, end);
  return () => {
    process.off("exit", onExit);
    for (const [signal, end] of ends) process.off(signal, end);
  };
}
