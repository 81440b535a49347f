/** An entry of a table of contents that runs a statement of our own, in the order of the entries around it. Pure. */
import type { TocEntry } from "./toc";

/** `model`: any entry of the same dump that has no data. */
export const madeEntry = (definition: string, { offset, relationKind, withOids }: TocEntry): TocEntry => ({
  dumpId: 0,
  hasDumper: 0,
  tableOid: "0",
  oid: "0",
  tag: definition.trim(),
  // Of no kind that pg_restore knows: it neither puts it off nor gives it an owner.
  kind: "STATEMENT",
  section: 2,
  definition,
  drop: "",
  copy: undefined,
  namespace: undefined,
  tablespace: undefined,
  accessMethod: undefined,
  relationKind,
  owner: "",
  withOids,
  dependencies: [],
  offset,
});
