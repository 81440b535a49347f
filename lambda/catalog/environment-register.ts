/**
 * The register: a small object for every registered environment that names it and says whether it is replicated.
 * Nothing of a single-region environment leaves its region but this, so that its loss can be told. An entry is written
 * with every registration record, before it: a failure between the two leaves an entry that is ahead.
 */
import { z } from "zod";
import { REGISTER_PREFIX, registerEntryKey } from "../storage/object-keys";
import type { ObjectStore } from "../storage/object-store";
import { ObjectDamaged } from "../storage/storage-errors";
import type { EnvironmentItem } from "./items";

const REGISTER_FORMAT = 1;
/** An entry is a few hundred bytes. */
const LARGEST_ENTRY = 64 * 1024;

export const registerEntry = z.object({
  format: z.literal(REGISTER_FORMAT),
  environmentId: z.string(),
  appId: z.string(),
  replication: z.enum(["replicated", "single-region"]),
  registeredAt: z.iso.datetime(),
});
export type RegisterEntry = z.infer<typeof registerEntry>;

export async function putRegisterEntry(
  store: ObjectStore,
  bucket: string,
  environment: EnvironmentItem,
): Promise<void> {
  const { environmentId, replication, registeredAt, registration } = environment;
  const entry: RegisterEntry = {
    format: REGISTER_FORMAT,
    environmentId,
    appId: registration.appId,
    replication,
    registeredAt,
  };
  const body = Buffer.from(`${JSON.stringify(entry, undefined, 2)}\n`);
  await store.put({ bucket, key: registerEntryKey(environmentId), body, contentType: "application/json" });
}

/**
 * Every entry, sorted by environment. The newest version counts; a delete marker over it hides nothing from us.
 * Throws ObjectDamaged for one that can't be understood.
 */
export async function* readRegister(store: ObjectStore, bucket: string): AsyncGenerator<RegisterEntry> {
  let markers: { readonly keyMarker: string; readonly versionIdMarker?: string } | undefined;
  let last = "";
  for (;;) {
    const page = await store.listVersions(bucket, { prefix: REGISTER_PREFIX, ...markers });
    for (const { key, versionId, isDeleteMarker } of page.versions) {
      if (isDeleteMarker || key === last) continue;
      last = key;
      yield await readEntry(store, { bucket, key, versionId });
    }
    if (page.next === undefined) return;
    markers = page.next;
  }
}

const readEntry = async (
  store: ObjectStore,
  ref: { readonly bucket: string; readonly key: string; readonly versionId: string },
): Promise<RegisterEntry> => {
  const { body } = await store.get(ref);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > LARGEST_ENTRY) throw new ObjectDamaged(`The register's entry ${ref.key} is too large for an entry.`);
    pieces.push(piece);
  }
  try {
    return registerEntry.parse(JSON.parse(Buffer.concat(pieces).toString("utf8")));
  } catch (cause) {
    throw new ObjectDamaged(`The register's entry ${ref.key} can't be understood.`, { cause });
  }
};
