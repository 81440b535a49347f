/** Who may sign in and do what, from the service's records: a few hundred bytes a person and key. Reads only. */
import { apiKeyRecord, principalRecord } from "../catalog/people-records";
import type { ApiKeyItem, PrincipalItem } from "../catalog/items";
import { allVersions, type FoundVersion } from "../retention/inventory";
import { PRINCIPAL_RECORDS_PREFIX } from "../storage/object-keys";
import type { RebuildFinding, RebuildSource } from "./contract";
import { readNewestRecord } from "./read-record";
import { StoredVersions } from "./stored-versions";

export interface FoundPeople {
  readonly principals: readonly PrincipalItem[];
  /** Without those that were revoked. */
  readonly keys: readonly ApiKeyItem[];
  readonly findings: readonly RebuildFinding[];
}

export async function findPeople({ sides }: RebuildSource): Promise<FoundPeople> {
  const found: FoundVersion[] = [];
  for (const side of sides) {
    for await (const version of allVersions(side, PRINCIPAL_RECORDS_PREFIX))
      found.push({ ...version, side: side.side, what: { kind: "unknown" } });
  }
  const stored = StoredVersions.from(found, sides);
  const findings: RebuildFinding[] = [];
  const principals: PrincipalItem[] = [];
  const keys: ApiKeyItem[] = [];
  const wish = { environmentId: null, snapshotId: null };
  for (const { key } of stored.each()) {
    if (key.endsWith("/principal.json")) {
      const without = "make the principal again";
      const record = await readNewestRecord({ ...wish, key, schema: principalRecord, without }, stored, findings);
      if (record !== undefined) principals.push(withoutFormat(record));
    } else {
      const without = "the key is not valid any more; make another one";
      const record = await readNewestRecord({ ...wish, key, schema: apiKeyRecord, without }, stored, findings);
      if (record === undefined || record.revokedAt !== null) continue;
      const { principal, keyId, hash, label, createdAt, createdBy, expiresAt } = record;
      keys.push({ principal, keyId, hash, label, createdAt, createdBy, expiresAt });
    }
  }
  return { principals, keys, findings };
}

const withoutFormat = <T extends { readonly format: unknown }>({ format: _format, ...rest }: T): Omit<T, "format"> =>
  rest;
