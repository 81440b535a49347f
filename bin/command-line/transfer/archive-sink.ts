/** Where an archive's bytes go: a file that may hold its beginning already, or standard output. */
import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import { CommandFailure } from "../surroundings";

export interface ArchiveSink {
  /** Bytes that are there already; the download goes on behind them. */
  readonly begun: number;
  /** Ends when the sink has taken them: as fast as its reader, and no faster. Throws CommandFailure. */
  write(bytes: Uint8Array): Promise<void>;
  /** Everything has been written. */
  finish(): Promise<void>;
  /** However it ends. */
  close(): Promise<void>;
  /** What to do about a download that broke off, as the end of a sentence. */
  readonly advice: string;
}

/** A file that holds more than `size` bytes holds something else, and is begun anew. Throws CommandFailure. */
export async function fileSink(file: string, size: number): Promise<ArchiveSink> {
  const handle = await open(file, "a", 0o600).catch((cause: unknown) => {
    throw new CommandFailure(2, [`${file} can't be written; check the folder and its permissions.`], { cause });
  });
  let begun = (await handle.stat()).size;
  if (begun > size) {
    await handle.truncate(0);
    begun = 0;
  }
  return {
    begun,
    write: async (bytes) => {
      try {
        for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
      } catch (cause) {
        const sentence = `${file} can't be written further; check the free space and begin again.`;
        throw new CommandFailure(1, [sentence], { cause });
      }
    },
    finish: () => handle.sync(),
    close: () => handle.close(),
    advice: "give the same command again to go on",
  };
}

export function streamSink(stream: Writable): ArchiveSink {
  return {
    begun: 0,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (cause) => {
          if (cause === null || cause === undefined) return resolve();
          const { code = "its reader has gone" } = cause as NodeJS.ErrnoException;
          reject(new CommandFailure(1, [`Standard output can't be written further (${code}).`], { cause }));
        });
      }),
    finish: async () => undefined,
    close: async () => undefined,
    advice: "what was written is no whole archive: give the command again, from the beginning",
  };
}
