/**
 * Reads a dump to its end as a restore does: pg_restore decodes every block of it, also those that are compressed
 * inside, and its SQL goes nowhere. Runs beside whoever reads the dump for other reasons, on the same bytes.
 */
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { inputOf, lastWords, type ProgramEnd, withProgram } from "../../../lambda/database-task/run-program";
import type { DumpReading } from "../../../lambda/restore/verify-dump";

export function decodeDump(program: string): DumpReading {
  let end: ProgramEnd | undefined;
  const decode = async (dump: AsyncIterable<Uint8Array>): Promise<void> => {
    end = await withProgram(program, ["--file=/dev/null"], null, new AbortController().signal, async (running) => {
      running.stdout.resume();
      const give = inputOf(running);
      for await (const piece of dump) await give(piece);
      running.stdin.end();
      return running.ended;
    });
  };
  async function* through(dump: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const copy = new PassThrough();
    // Whatever ends the program, the pieces must not wait for it.
    const decoding = decode(copy).finally(() => copy.resume());
    decoding.catch(() => undefined);
    try {
      for await (const piece of dump) {
        if (!copy.write(piece)) await once(copy, "drain");
        yield piece;
      }
    } finally {
      copy.end();
      await decoding;
    }
  }
  return {
    through,
    failure: () =>
      end === undefined || end.code === 0 ? undefined : `pg_restore can't read it to its end (${lastWords(end)})`,
  };
}
