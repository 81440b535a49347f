/**
 * Names of the instances of a restore. They follow from the target and the restore's id, so that every try finds what
 * an earlier one left. RDS admits 63 letters, digits and single hyphens.
 *
 * Policies know them by pattern, and IAM's patterns can't say "eight hexadecimal digits": `*-new-????????` would be
 * `crm-new-database` too. So the part before the digits names the service, which no stranger's name does by chance.
 */
import { createHash } from "node:crypto";

const MOST_CHARACTERS = 63;
const DIGITS = 8;
const NEW = "-nightly-backups-new-";
const OLD = "-nightly-backups-old-";

/** As IAM's patterns say them. */
export const BESIDE_PATTERN = `*${NEW}${"?".repeat(DIGITS)}`;
export const REPLACED_PATTERN = `*${OLD}${"?".repeat(DIGITS)}`;

/** The new instance until the swap. */
export const besideInstance = (instance: string, restoreId: string): string => suffixed(instance, NEW, restoreId);
/** The old instance from the swap until it is deleted. */
export const replacedInstance = (instance: string, restoreId: string): string => suffixed(instance, OLD, restoreId);

const suffixed = (instance: string, what: string, restoreId: string): string => {
  const suffix = what + createHash("sha256").update(restoreId).digest("hex").slice(0, DIGITS);
  return (
    instance
      .toLowerCase()
      .slice(0, MOST_CHARACTERS - suffix.length)
      .replace(/-+$/, "") + suffix
  );
};
