/** The audit records that stand in the primary bucket, in order of time. */
import { auditRecord, type AuditRecord } from "../../lambda/audit/record-audit";
import type { ApiWorld } from "../support/api-world";
import { PRIMARY_BUCKET } from "../support/collaborators";

export const auditOf = ({ fakes }: Pick<ApiWorld, "fakes">): AuditRecord[] =>
  fakes.store
    .versions(PRIMARY_BUCKET)
    .filter(({ key }) => key.includes("/records/audit/"))
    .toSorted((a, b) => a.key.localeCompare(b.key))
    .map(({ body }) => auditRecord.parse(JSON.parse(Buffer.from(body).toString())));
