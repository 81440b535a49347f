/**
 * Examines a file before any of it is sent: its kind by its first bytes and, where it isn't huge, whether its gzip data
 * are whole and an archive has a database dump. The service examines all of it again when it has arrived; what a
 * browser can't tell is left to it, so nothing that the service would take is refused here.
 */
import {
  dumpObjection,
  isDump,
  kindOfContents,
  kindOfFile,
  SHORTEST_GZIP,
  START_BYTES,
} from "../../../lambda/upload/first-bytes";
import { fileSizeProblem } from "../../../lambda/upload/file-size";
import { type Objection, objectionText, UPLOAD_AGAIN } from "../../../lambda/upload/objection";
import { TarGlance } from "./tar-glance";

/** Inflated to its end in some seconds; of larger files only the beginning is. */
const WHOLE = 512 * 1024 * 1024;
const GLANCE = 1024 * 1024;
const PIECE = 4 * 1024 * 1024;
/** No database, no document inflates like this: the service decides. */
const MOST_INFLATED = 64 * 1024 * 1024 * 1024;

type Named = Blob & { readonly name: string };

/** Why it can't be used, in one sentence; undefined where nothing speaks against it. Stops when `signal` says so. */
export const examineFile = async (file: Named, signal: AbortSignal): Promise<string | undefined> => {
  const sizeProblem = fileSizeProblem(file.name, file.size);
  if (sizeProblem !== undefined) return sizeProblem;
  const found = await objectionTo(file, signal);
  return found === undefined ? undefined : objectionText(found, `The file "${file.name}"`);
};

const objectionTo = async (file: Blob, signal: AbortSignal): Promise<Objection | undefined> => {
  const start = new Uint8Array(await file.slice(0, START_BYTES).arrayBuffer());
  const kind = kindOfFile(start);
  if (typeof kind !== "string") return kind;
  if (kind === "dump") return dumpObjection(start);
  if (file.size < SHORTEST_GZIP) return TOO_EARLY;
  return await objectionToContents(file, signal);
};
const TOO_EARLY: Objection = { what: "its gzip data ends too early", advice: UPLOAD_AGAIN };

const objectionToContents = async (file: Blob, signal: AbortSignal): Promise<Objection | undefined> => {
  const whole = file.size <= WHOLE;
  const contents = new Contents();
  const inflating = inflate(whole ? file : file.slice(0, GLANCE), signal, (chunk) => contents.feed(chunk));
  const ended = await inflating;
  signal.throwIfAborted();
  if (contents.objection !== undefined) return contents.objection;
  // Of a part of a file, and of several gzip members in a row, a browser can't tell where they end.
  if (!whole || ended === "unknown") return contents.atStart();
  if (ended === "too-early") return contents.atStart() ?? TOO_EARLY;
  return contents.finish();
};

/** What comes out of the gzip data. */
class Contents {
  objection: Objection | undefined;
  private readonly start = new Uint8Array(START_BYTES);
  private known = 0;
  private tar: TarGlance | undefined;
  private judged = false;

  /** Whether more has to be seen. */
  feed(chunk: Uint8Array): boolean {
    if (this.judged) this.tar?.feed(chunk);
    else this.begin(chunk);
    return this.objection === undefined;
  }
  /** After all of it. */
  finish(): Objection | undefined {
    if (!this.judged) this.judge();
    return this.objection ?? this.tar?.finish();
  }
  /** Of what has come, where the rest is unknown: nothing is said of contents too short to tell. */
  atStart(): Objection | undefined {
    return this.judged ? this.objection : undefined;
  }

  private begin(chunk: Uint8Array): void {
    const taken = Math.min(START_BYTES - this.known, chunk.length);
    this.start.set(chunk.subarray(0, taken), this.known);
    this.known += taken;
    if (this.known < START_BYTES) return;
    this.judge();
    if (this.tar === undefined) return;
    this.tar.feed(this.start);
    this.tar.feed(chunk.subarray(taken));
  }
  private judge(): void {
    this.judged = true;
    const start = this.start.subarray(0, this.known);
    const kind = kindOfContents(start);
    if (typeof kind !== "string") this.objection = kind;
    else if (kind === "tar") this.tar = new TarGlance();
    else if (isDump(start)) this.objection = dumpObjection(start);
  }
}

/**
 * `whole`: one gzip member and nothing else. `too-early`: all was taken and its end hasn't come. `unknown`: the browser
 * stopped, at damage or at a second member, which it can't tell apart.
 */
const inflate = async (
  file: Blob,
  signal: AbortSignal,
  onChunk: (chunk: Uint8Array) => boolean,
): Promise<"whole" | "too-early" | "unknown"> => {
  const stream = new DecompressionStream("gzip");
  const [writer, reader] = [stream.writable.getWriter(), stream.readable.getReader()];
  const seen = { bytes: 0, enough: false };
  const reading = (async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      seen.bytes += value.length;
      if (onChunk(value) && seen.bytes < MOST_INFLATED) continue;
      seen.enough = true;
      return await reader.cancel();
    }
  })();
  reading.catch(() => undefined); // The writer meets the same failure.
  let all = false;
  try {
    for (let at = 0; at < file.size && !seen.enough; at += PIECE) {
      signal.throwIfAborted();
      await writer.write(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    }
    if (seen.enough) return "unknown";
    all = true;
    await writer.close();
    await reading;
    return "whole";
  } catch (error) {
    signal.throwIfAborted();
    if (seen.enough) return "unknown";
    await reading.catch(() => undefined);
    // A file that can't be read any more is no gzip problem.
    if (error instanceof DOMException && error.name !== "AbortError") throw error;
    return all ? "too-early" : "unknown";
  } finally {
    await reader.cancel().catch(() => undefined);
  }
};
