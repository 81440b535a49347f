/**
 * One archive into one file, or into standard output. What a file holds already is not asked for again; a connection that
 * breaks, or stands still, is taken up where it was through a fresh link. It ends well only when exactly the archive's
 * size was written. The links are held in memory only, and the service's key goes to none of them.
 */
import { reasonOf } from "../api/api-client";
import { CommandFailure, type ProgressBar, type Surroundings } from "../surroundings";
import { type ArchiveSink, fileSink } from "./archive-sink";

export interface ArchiveFetch {
  /** Bytes of the whole archive. */
  readonly size: number;
  /** A fresh link; null once its time is over. */
  readonly link: () => Promise<string | null>;
  readonly show: ProgressBar["show"];
}

/** Without a single byte in between. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1_000;
const IDLE_MS = 60_000;

/** Throws CommandFailure. */
export async function fetchArchive(
  { file, ...wanted }: ArchiveFetch & { readonly file: string },
  surroundings: Pick<Surroundings, "fetch" | "sleep">,
): Promise<void> {
  return fetchInto(await fileSink(file, wanted.size), wanted, surroundings);
}

/** Closes the sink. Throws CommandFailure. */
export async function fetchInto(
  sink: ArchiveSink,
  { size, link, show }: ArchiveFetch,
  { fetch, sleep }: Pick<Surroundings, "fetch" | "sleep">,
): Promise<void> {
  try {
    let done = sink.begun;
    let failures = 0;
    show(done, size);
    while (done < size) {
      const before = done;
      let reason: string;
      try {
        for await (const piece of bytesFrom(done, size, link, fetch)) {
          if (done + piece.length > size) throw new Broken("it holds more than the archive");
          await sink.write(piece);
          done += piece.length;
          show(done, size);
        }
        reason = "it ended early";
      } catch (error) {
        if (error instanceof CommandFailure) throw error;
        reason = error instanceof Broken ? error.message : reasonOf(error);
      }
      if (done >= size) break;
      failures = done > before ? 1 : failures + 1;
      if (failures >= ATTEMPTS) {
        throw new CommandFailure(1, [
          `The download broke off after ${done} of ${size} bytes (${reason}); ${sink.advice}.`,
        ]);
      }
      await sleep(FIRST_PAUSE_MS * 2 ** (failures - 1));
    }
    await sink.finish();
  } finally {
    await sink.close();
  }
}

/** Its message holds no address. */
class Broken extends Error {
  override name = "Broken";
}

async function* bytesFrom(
  from: number,
  size: number,
  link: ArchiveFetch["link"],
  fetch: Surroundings["fetch"],
): AsyncGenerator<Uint8Array> {
  const address = await link();
  if (address === null)
    throw new CommandFailure(1, ["The link's eight hours are over; give the same command again for a new archive."]);
  const idle = new IdleLimit();
  try {
    const response = await fetch(address, {
      headers: from === 0 ? {} : { Range: `bytes=${from}-` },
      signal: idle.signal,
    });
    checkAnswer(response, from, size);
    for await (const piece of response.body ?? []) {
      // A reader that takes its time is not a connection that stands still.
      idle.rest();
      yield piece as Uint8Array;
      idle.begin();
    }
  } finally {
    idle.end();
  }
}

function checkAnswer({ status, headers }: Response, from: number, size: number): void {
  if (from === 0 && status === 200) return;
  if (status !== 206) throw new Broken(`the storage answered ${status}`);
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "");
  if (Number(range?.[1]) !== from || Number(range?.[2]) !== size)
    throw new Broken("the storage answered with another part than was asked for");
}

/** A connection on which nothing moves for so long is dead. */
class IdleLimit {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  constructor() {
    this.begin();
  }
  get signal(): AbortSignal {
    return this.controller.signal;
  }
  begin(): void {
    this.rest();
    this.timer = setTimeout(() => this.controller.abort(), IDLE_MS);
  }
  rest(): void {
    clearTimeout(this.timer);
  }
  end(): void {
    this.rest();
    this.controller.abort();
  }
}
