/**
 * Audit records: one object a change, which says who did what and when. It is written before the change, so a change
 * without a record does not exist; a failure between the two leaves a record of something that was only tried.
 */
import { z } from "zod";
import type { Collaborators } from "../runtime/collaborators";
import { redact } from "../runtime/redact";
import { auditRecordKey, type EnvironmentPlace, serviceAuditRecordKey } from "../storage/object-keys";

export const AUDIT_FORMAT = 1;
const ID_BYTES = 8;

export const auditRecord = z.object({
  format: z.literal(AUDIT_FORMAT),
  /** ISO 8601 in UTC, with milliseconds. */
  at: z.iso.datetime(),
  /** Stable word, such as `snapshot.delete` or `key.create`. */
  action: z.string(),
  /** The principal, or whom the command line named. */
  by: z.string(),
  /** Null for changes that belong to no environment. */
  environmentId: z.string().nullable(),
  /** What the change was about: ids and settings, never a key, a link or a password. */
  details: z.record(z.string(), z.unknown()),
});
export type AuditRecord = z.infer<typeof auditRecord>;

export interface AuditedChange {
  readonly action: string;
  readonly by: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** `place` is null for changes that belong to no environment: who may do what. One request. */
export async function recordAudit(
  { store, settings, clock, random }: Pick<Collaborators, "store" | "settings" | "clock" | "random">,
  place: EnvironmentPlace | null,
  { action, by, details }: AuditedChange,
): Promise<void> {
  const at = clock.now().toISOString();
  const id = Buffer.from(random(ID_BYTES)).toString("hex");
  const record: AuditRecord = {
    format: AUDIT_FORMAT,
    at,
    action,
    by,
    environmentId: place?.environmentId ?? null,
    // Whoever may read records need not learn secrets, whatever a caller hands over.
    details: redact(details) as Record<string, unknown>,
  };
  await store.put({
    bucket: settings.PRIMARY_BUCKET,
    key: place === null ? serviceAuditRecordKey(at, id) : auditRecordKey(place, at, id),
    body: Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`),
    contentType: "application/json",
  });
}
