/** Snapshots in a line each for people; machines ask with --json. Pure. */
import type { PublicSnapshot } from "../../lambda/requests/contract";
import { second, size } from "./plain-text";
import { type Column, table } from "./table";

/** By the time of creation; the id decides between equals, so that two calls agree. */
export const newestFirst = (snapshots: readonly PublicSnapshot[]): readonly PublicSnapshot[] =>
  snapshots.toSorted((a, b) => compare(b.createdAt, a.createdAt) || compare(a.snapshotId, b.snapshotId));

/** `width`: the terminal's. */
export const describeSnapshots = (
  environmentId: string,
  snapshots: readonly PublicSnapshot[],
  width: number | undefined,
): readonly string[] =>
  snapshots.length === 0
    ? [`Environment ${environmentId} has no snapshots; take one with: backups backup ${environmentId}`]
    : table(COLUMNS, snapshots, width);

const whereKnown = (one: PublicSnapshot, text: string): string => (one.state === "completed" ? text : "");
const COLUMNS: readonly Column<PublicSnapshot>[] = [
  { title: "SNAPSHOT", of: ({ snapshotId }) => snapshotId },
  { title: "CREATED", of: ({ createdAt }) => second(createdAt) },
  { title: "TIER", of: ({ tier }) => tier, dispensable: 2 },
  { title: "STATE", of: ({ state }) => state },
  { title: "DATABASE", of: (one) => whereKnown(one, size(one.dumpSize ?? 0)), align: "right", dispensable: 4 },
  { title: "FILES", of: (one) => whereKnown(one, filesOf(one)), align: "right", dispensable: 5 },
  { title: "REPLICATED", of: (one) => whereKnown(one, second(one.replicatedAt) || "no"), dispensable: 6 },
  { title: "KEPT UNTIL", of: (one) => whereKnown(one, second(one.expiresAt)), dispensable: 3 },
  { title: "BY", of: ({ createdBy }) => createdBy, dispensable: 1 },
  { title: "NOTE", of: (one) => [...wrongWith(one), one.comment].filter((text) => text !== "").join("; ") },
];

const filesOf = ({ fileCount, filesSize, missingCount }: PublicSnapshot): string =>
  `${fileCount ?? 0}, ${size(filesSize ?? 0)}${missingCount === null || missingCount === 0 ? "" : `, ${missingCount} missing`}`;

/** In few words: `backups snapshot` has the sentences. */
function wrongWith({ warnings, statusMessage }: PublicSnapshot): readonly string[] {
  if (warnings.length === 0) return [statusMessage];
  const codes = [...new Set(warnings.map(({ code }) => code))].join(", ");
  return [`${warnings.length} ${warnings.length === 1 ? "warning" : "warnings"}: ${codes}`];
}

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);
