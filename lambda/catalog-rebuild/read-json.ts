/** Small stored documents: manifests and records, whole and parsed. What can't be read as one is said, not thrown. */
import type { z } from "zod";
import { AccessRefused, ObjectDamaged, ObjectNotFound } from "../storage/storage-errors";
import { refOf, type StoredVersion } from "./stored-versions";

export type Document<T> =
  | { readonly ok: true; readonly value: T; readonly bytes: Buffer; readonly version: StoredVersion }
  /** `problem` is the rest of a sentence. */
  | { readonly ok: false; readonly problem: string; readonly version: StoredVersion };

/** A store that does not answer is an exception: running again may help. */
export async function readDocument<T>(
  version: StoredVersion,
  schema: z.ZodType<T>,
  limit: number,
): Promise<Document<T>> {
  const problem = (text: string): Document<T> => ({ ok: false, problem: text, version });
  if (version.size > limit) return problem(`is larger than ${limit} bytes`);
  let bytes: Buffer;
  try {
    bytes = await readAll(version);
  } catch (error) {
    if (error instanceof ObjectNotFound) return problem("was listed but can't be read");
    if (error instanceof ObjectDamaged || error instanceof AccessRefused)
      return problem(`can't be read (${error.message})`);
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch {
    return problem("is not JSON");
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? { ok: true, value: parsed.data, bytes, version } : problem("is not in its format");
}

async function readAll(version: StoredVersion): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const { body } = await version.home.store.get(refOf(version));
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
