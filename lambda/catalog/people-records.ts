/**
 * Records of who may sign in and do what: a principal with its grants, and the hash of each key, never a key. A key that
 * is revoked keeps its record, which says so from before the catalog forgets it: no rebuilt catalog brings it back.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Collaborators } from "../runtime/collaborators";
import { apiKeyRecordKey, principalRecordKey } from "../storage/object-keys";
import type { ApiKeyItem, PrincipalItem } from "./items";
import { putRecord, RECORD_FORMAT, type RecordCollaborators } from "./records";
import { isoSeconds } from "./catalog-base";

const time = z.iso.datetime();

/** `service/records/principals/<SHA-256 of the name>/principal.json` */
export const principalRecord = z.object({
  format: z.literal(RECORD_FORMAT),
  name: z.string(),
  grants: z.array(z.object({ app: z.string(), role: z.enum(["read", "backup", "restore", "administer"]) })),
  createdAt: time,
  createdBy: z.string(),
  updatedAt: time,
});
export type PrincipalRecord = z.infer<typeof principalRecord>;

/** `service/records/principals/<SHA-256 of the name>/keys/<SHA-256 of the key>.json` */
export const apiKeyRecord = z.object({
  format: z.literal(RECORD_FORMAT),
  principal: z.string(),
  keyId: z.string(),
  hash: z.string(),
  label: z.string(),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
  updatedAt: time,
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecord>;

export const putPrincipalRecord = (
  { name, grants, createdAt, createdBy, updatedAt }: PrincipalItem,
  { settings, store }: RecordCollaborators,
): Promise<void> =>
  putRecord(store, settings.PRIMARY_BUCKET, principalRecordKey(hashOfName(name)), {
    format: RECORD_FORMAT,
    name,
    grants: [...grants],
    createdAt,
    createdBy,
    updatedAt,
  } satisfies PrincipalRecord);

export const putApiKeyRecord = (
  { principal, keyId, hash, label, createdAt, createdBy, expiresAt }: ApiKeyItem,
  { isRevoked }: { readonly isRevoked: boolean },
  { settings, store, clock }: RecordCollaborators & Pick<Collaborators, "clock">,
): Promise<void> => {
  const now = isoSeconds(clock.now());
  return putRecord(store, settings.PRIMARY_BUCKET, apiKeyRecordKey(hashOfName(principal), hash), {
    format: RECORD_FORMAT,
    principal,
    keyId,
    hash,
    label,
    createdAt,
    createdBy,
    expiresAt,
    revokedAt: isRevoked ? now : null,
    updatedAt: now,
  } satisfies ApiKeyRecord);
};

const hashOfName = (name: string): string => createHash("sha256").update(name).digest("hex");
