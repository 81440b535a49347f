/**
 * The contents of a gzip file as a stream, with every kind of damage told apart: truncated, damaged, bytes after the
 * end, and archives that would inflate to hundreds of times their size. Several members in a row are one content.
 */
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { MAKE_AGAIN, UPLOAD_AGAIN, UploadRefused } from "./refusal";

const CHUNK = 64 * 1024;
/** A ratio that no database or document reaches on its own; small ones are let pass, they can do no harm. */
const BOMB_RATIO = 200;
const BOMB_BYTES = 8 * 1024 * 1024;

/**
 * `size` is that of the whole compressed file, `tail` reads it again from a position on. Throws UploadRefused; failures
 * of the source surface unchanged.
 */
export async function* gunzipUpload(
  compressed: AsyncIterable<Uint8Array>,
  size: number,
  tail: (from: number) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const piped = pipeline(compressed, gunzip);
  piped.catch(() => undefined); // surfaces from the iteration; leaving the loop early is no failure
  let inflated = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      inflated += chunk.length;
      if (inflated > BOMB_BYTES && inflated > BOMB_RATIO * gunzip.bytesWritten) throw bomb();
      yield chunk;
    }
    // zlib silently leaves out whatever follows a zero. Zeros alone are how programs fill up their last block.
    if (gunzip.bytesWritten < size) await expectZeros(tail(gunzip.bytesWritten));
  } catch (error) {
    throw refusalOf(error);
  } finally {
    gunzip.destroy();
  }
}

const bomb = (): UploadRefused =>
  new UploadRefused(
    `it inflates to more than ${BOMB_RATIO} times its size, as archives do that are made to fill a disk`,
    "if its contents are really that uniform, upload the dump alone and without compression",
  );

async function expectZeros(tail: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of tail) {
    if (chunk.some((byte) => byte !== 0)) throw trailing();
  }
}

const trailing = (cause?: unknown): UploadRefused =>
  new UploadRefused("bytes that are no gzip data follow after its end", MAKE_AGAIN, { cause });

function refusalOf(error: unknown): unknown {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR") return new UploadRefused("its gzip data ends too early", UPLOAD_AGAIN, { cause: error });
  if (!code.startsWith("Z_")) return error;
  const said = error instanceof Error ? error.message : "";
  // zlib has no words of its own for a second member that does not begin as one.
  if (said === "" || said.includes("incorrect header check")) return trailing(error);
  return new UploadRefused(`its gzip data is damaged (${said})`, UPLOAD_AGAIN, { cause: error });
}
