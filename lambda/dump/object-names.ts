/** How a dump's entries name the object that a grant is about, so that a grant finds what it belongs to. Pure. */
import type { TocEntry } from "./toc";

const KINDS_FOR_GRANTS: Readonly<Record<string, string>> = {
  VIEW: "TABLE",
  "MATERIALIZED VIEW": "TABLE",
  "FOREIGN TABLE": "TABLE",
  AGGREGATE: "FUNCTION",
  DOMAIN: "TYPE",
  BLOB: "LARGE OBJECT",
  SERVER: "FOREIGN SERVER",
  "PROCEDURAL LANGUAGE": "LANGUAGE",
};

/** Of an entry that makes an object: `FUNCTION wipe()`, with its schema. */
export const objectOf = ({ kind = "", tag = "", namespace = "" }: TocEntry): string =>
  `${KINDS_FOR_GRANTS[kind] ?? kind} ${tag} in ${namespace}`;
/** Of an entry of grants, whose tag says kind and name. */
export const granted = ({ tag = "", namespace = "" }: TocEntry): string => `${tag} in ${namespace}`;
/** A column's grants say `COLUMN table.column`, and either name may have points. */
export const grantedTables = ({ tag = "", namespace = "" }: TocEntry): string[] =>
  tag.startsWith("COLUMN ")
    ? [...tag.matchAll(/\./g)].map(({ index }) => `TABLE ${tag.slice("COLUMN ".length, index)} in ${namespace}`)
    : [];
