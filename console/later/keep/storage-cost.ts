/**
 * What keeping a backup costs: all its bytes, uncompressed, in each region that holds them. It is less where files are
 * shared with other backups, as they mostly are. Pure.
 */
import { storageCostPerMonth } from "../../../lambda/cost/prices";
import type { RegionList, SnapshotView } from "../../api/types";

/** One sentence. `region` is undefined before it is known. */
export const costSentence = (
  { size, replicated_at }: Pick<SnapshotView, "size" | "replicated_at">,
  region: Pick<RegionList["regions"][number], "region" | "replication_region"> | undefined,
): string => {
  if (size === null || region === undefined) return "Its storage is paid for until then.";
  const both = replicated_at !== null;
  const usd = storageCostPerMonth(size, region.region, both ? region.replication_region : null);
  const cents = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const sum = usd < 0.01 ? "less than $0.01" : `about $${usd.toLocaleString("en", cents)}`;
  return `Its storage${both ? " in both regions" : ""} costs ${sum} a month at most; less where it shares files with other backups.`;
};
