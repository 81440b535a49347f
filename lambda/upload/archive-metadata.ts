/** `.metadata` of an archive: what its maker says of it. Sizes are read again; only what nothing else tells is kept. Pure. */
import { z } from "zod";
import { MAKE_AGAIN, UploadRefused } from "./refusal";

export interface ArchiveMetadata {
  readonly modelVersion: string;
  /** Bytes; null where it isn't said or can't be. */
  readonly databaseSize: number | null;
}
export const NO_METADATA: ArchiveMetadata = { modelVersion: "", databaseSize: null };
export const LARGEST_METADATA = 64 * 1024;

/** Amazon RDS holds no larger database. */
const LARGEST_DATABASE = 64 * 1024 ** 4;
const LONGEST_VERSION = 100;
const texts = z.record(z.string(), z.string());

/** Throws UploadRefused. */
export function parseMetadata(bytes: Uint8Array): ArchiveMetadata {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new UploadRefused("its .metadata is not JSON", MAKE_AGAIN, { cause });
  }
  const parsed = texts.safeParse(value);
  if (!parsed.success)
    throw new UploadRefused("its .metadata is not a JSON object whose values are all strings", MAKE_AGAIN);
  const { modelVersion = "", databaseSize = "" } = parsed.data;
  const size = /^\d{1,15}$/.test(databaseSize) ? Number(databaseSize) : 0;
  const isVersion = modelVersion.length <= LONGEST_VERSION && /^[\x20-\x7e]*$/.test(modelVersion);
  return {
    modelVersion: isVersion ? modelVersion : "",
    databaseSize: size > 0 && size <= LARGEST_DATABASE ? size : null,
  };
}
