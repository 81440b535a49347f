/**
 * A dump's table of contents as `pg_dump -O -x` promises it: without privileges, security labels and owners, so that a
 * plain `pg_restore` opens it where no such roles exist. What names roles inside its definition stays, as it does there:
 * row-level security policies and user mappings. Pure; made twice it is the same.
 */
import { hasData, type Toc, type TocEntry } from "./toc";

const LEFT_OUT: ReadonlySet<string> = new Set(["ACL", "DEFAULT ACL", "SECURITY LABEL"]);

export const publishedForm = (toc: Toc): Toc => ({
  ...toc,
  entries: toc.entries.filter(({ kind = "" }) => !LEFT_OUT.has(kind)).map(published),
});

/** pg_restore gives away what has an owner; the empty name is nobody's. */
const published = (entry: TocEntry): TocEntry => ({
  ...entry,
  owner: "",
  offset: hasData(entry) ? unknownPlace(entry.offset) : entry.offset,
});

/** A dump to a file notes where its data lie, and a shorter head moves them; without places they are looked for. */
const unknownPlace = ({ length }: Buffer): Buffer => {
  const offset = Buffer.alloc(length);
  offset[0] = PLACE_UNKNOWN;
  return offset;
};
const PLACE_UNKNOWN = 1;
