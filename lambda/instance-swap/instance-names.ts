/**
 * Names of the instances of a restore. They follow from the target and the restore's id, so that every try finds what
 * an earlier one left, and from the name alone a policy knows what may be deleted. RDS admits 63 letters, digits and
 * single hyphens.
 */
import { createHash } from "node:crypto";

const MOST_CHARACTERS = 63;

/** The new instance until the swap. */
export const besideInstance = (instance: string, restoreId: string): string => suffixed(instance, "new", restoreId);
/** The old instance from the swap until it is deleted. */
export const replacedInstance = (instance: string, restoreId: string): string => suffixed(instance, "old", restoreId);

const suffixed = (instance: string, what: string, restoreId: string): string => {
  const suffix = `-${what}-${createHash("sha256").update(restoreId).digest("hex").slice(0, 8)}`;
  return (
    instance
      .toLowerCase()
      .slice(0, MOST_CHARACTERS - suffix.length)
      .replace(/-+$/, "") + suffix
  );
};
