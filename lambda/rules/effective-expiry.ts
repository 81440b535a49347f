/**
 * Rule 3, with what an administrator asked for: a snapshot ends at the expiry that it was sealed with, or at the later
 * date until which it is kept (its record's `keepUntil`). Never earlier, so of several dates the latest counts. Pure.
 */
export function effectiveExpiry(
  sealed: { readonly expiresAt: string },
  record?: { readonly keepUntil: string | null },
): string {
  return laterOf(sealed.expiresAt, record?.keepUntil ?? null);
}

/** The later of two instants, as it was written. */
export const laterOf = (one: string, other: string | null): string =>
  other !== null && Date.parse(other) > Date.parse(one) ? other : one;
