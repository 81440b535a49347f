/** Making, revoking and listing keys. A key is revoked from the next request on: every request looks it up anew. */
import { recordAudit } from "../audit/record-audit";
import { allPages, isoSeconds } from "../catalog/catalog";
import { putApiKeyRecord } from "../catalog/people-records";
import type { ApiKeyItem } from "../catalog/items";
import { hashOfKey, keyIdOf, newApiKey } from "./api-keys";
import { hasExpired } from "./authenticate";
import type { ListedKey } from "./contract";
import type { AccessCollaborators } from "./principals";

const DAY_MS = 86_400_000;

export interface KeyWish {
  readonly principal: string;
  readonly label: string;
  readonly expiresInDays?: number | undefined;
  readonly by: string;
}

/** The principal must exist. A lost answer leaves a key that nobody knows; the list shows it, and it can be revoked. */
export async function createKey(
  { principal, label, expiresInDays, by }: KeyWish,
  collaborators: AccessCollaborators,
): Promise<{ readonly key: string; readonly item: ApiKeyItem }> {
  const { catalog, clock, random } = collaborators;
  const key = newApiKey(random);
  const hash = hashOfKey(key);
  const now = clock.now();
  const item: ApiKeyItem = {
    principal,
    keyId: keyIdOf(hash),
    hash,
    label,
    createdAt: isoSeconds(now),
    createdBy: by,
    expiresAt: expiresInDays === undefined ? null : isoSeconds(new Date(now.getTime() + expiresInDays * DAY_MS)),
  };
  const { keyId, expiresAt } = item;
  await recordAudit(collaborators, null, {
    action: "key.create",
    by,
    details: { principal, keyId, label, expiresAt },
  });
  await putApiKeyRecord(item, { isRevoked: false }, collaborators);
  await catalog.putApiKey(item);
  return { key, item };
}

/** False when the principal has no such key. */
export async function revokeKey(
  { principal, keyId, by }: { readonly principal: string; readonly keyId: string; readonly by: string },
  collaborators: AccessCollaborators,
): Promise<boolean> {
  const { catalog } = collaborators;
  const found: ApiKeyItem[] = [];
  for await (const key of allPages((cursor) => catalog.listApiKeys(principal, cursor))) {
    if (key.keyId === keyId) found.push(key);
  }
  if (found.length === 0) return false;
  await recordAudit(collaborators, null, { action: "key.revoke", by, details: { principal, keyId } });
  for (const key of found) {
    await putApiKeyRecord(key, { isRevoked: true }, collaborators);
    await catalog.deleteApiKey(key);
  }
  return true;
}

/** The oldest first. */
export async function listKeys(
  principal: string,
  { catalog, clock }: Pick<AccessCollaborators, "catalog" | "clock">,
): Promise<ListedKey[]> {
  const now = clock.now();
  const found: ListedKey[] = [];
  for await (const { keyId, label, createdAt, createdBy, expiresAt } of allPages((cursor) =>
    catalog.listApiKeys(principal, cursor),
  )) {
    found.push({ keyId, label, createdAt, createdBy, expiresAt, expired: hasExpired(expiresAt, now) });
  }
  return found.toSorted((a, b) => Number(a.createdAt > b.createdAt) - Number(a.createdAt < b.createdAt));
}
