/** What stands for a region's own names in the normal form, and how it is read back for people. Pure. */
import { stackLabel } from "../names";
import { NIGHTLY_TABLE } from "../regions/nightly-table";
import type { StackPlace } from "./deployment";

/** As users name the regions of the nightly table, by AWS code. */
export const placeName = (region: string): string => {
  for (const row of NIGHTLY_TABLE) {
    if (row.region === region) return row.name;
    if (row.replication.region === region) return row.replication.name;
  }
  return region;
};

/** `Primary-SaoPaulo` → `SaoPaulo`; `Replica-Osaka-ap-northeast-2` → `Osaka`. Undefined for ids of another make. */
export const labelOf = (id: string): string | undefined => /^[A-Za-z]+-([A-Za-z]+)(?:-.*)?$/.exec(id)?.[1];

/** The row whose stacks carry a label, as it is now; a region that has left the table has none. */
export const rowOf = (label: string | undefined) =>
  NIGHTLY_TABLE.find(({ name }) => label !== undefined && stackLabel(name) === label);

/** A text that names three regions and more is a table of regions, the same in every stack, and stays as it is. */
const REGION_CODE = /\b[a-z]{2}-[a-z]+-\d\b/g;
const MOST_REGIONS = 2;

export interface Placeholders {
  readonly kind: string;
  readonly apply: (text: string) => string;
}

export const placeholders = (id: string, place: StackPlace): Placeholders => {
  const label = labelOf(id) ?? "";
  const meanings = (
    [
      [place.primaryRegion, "<region>"],
      [place.replicationRegion, "<replication region>"],
      [place.place, "<place>"],
      [placeName(place.replicationRegion), "<replication place>"],
      [`Primary${label}`, "<stack>"],
      [`Replica${label}`, "<stack>"],
    ] as const
  ).filter(([name]) => name !== "");
  /** Longer names first: "Canada West" before "Canada". One pass, so that what was put in is not read again. */
  const names = new Map(meanings.toSorted(([a], [b]) => b.length - a.length));
  const pattern = new RegExp(
    [...names]
      .map(([name, stands]) => (stands === "<stack>" ? name : `(?<![A-Za-z])${escape(name)}(?![A-Za-z0-9])`))
      .join("|"),
    "g",
  );
  const apply = (text: string): string => {
    if (new Set(text.match(REGION_CODE)).size > MOST_REGIONS) return text;
    return text.replace(pattern, (found) => names.get(found) ?? found);
  };
  const kind = label === "" ? id : id.replace(`-${label}`, "-*").replace(place.region, "<its region>");
  return { kind, apply };
};

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
