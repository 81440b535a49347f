/**
 * The frame of a PAX extended header, and the fields it may have. The parser passes over what it can't read, keeps the
 * last of two equal fields, and says nothing of headers for every entry; so this is looked at before. Pure.
 */
import { MAKE_AGAIN, quoted, UploadRefused } from "./refusal";

/** Times, owners and remarks; nothing of them is kept. */
const HARMLESS =
  /^(atime|ctime|mtime|uid|gid|uname|gname|comment|charset|SCHILY\..*|LIBARCHIVE\..*|RHT\..*|MSWINDOWS\..*)$/;
/** A record's length, which counts itself, and its field; a value of any bytes and a line's end follow. */
const RECORD = /^([1-9]\d*) ([^=]+)=/;
const LONGEST_FIELD = 300;

/** Throws UploadRefused. */
export function checkPaxFields(bytes: Buffer, forEveryEntry: boolean): void {
  const seen = new Set<string>();
  for (let at = 0; at < bytes.length;) {
    const [start = "", length, field = ""] = RECORD.exec(bytes.toString("latin1", at, at + LONGEST_FIELD)) ?? [];
    const value = at + start.length;
    at += Number(length);
    const isWhole = start !== "" && value < at && at <= bytes.length && bytes[at - 1] === 0x0a;
    if (!isWhole || (field === "path" && value === at - 1))
      throw new UploadRefused("an extended header in its tar archive is malformed", MAKE_AGAIN);
    if (seen.has(field))
      throw new UploadRefused(`an extended header in its tar archive says ${quoted(field)} twice`, MAKE_AGAIN);
    seen.add(field);
    if (field.startsWith("GNU.sparse."))
      throw new UploadRefused("its tar archive holds a sparse file", "make the archive again without --sparse");
    if (!HARMLESS.test(field) && (forEveryEntry || (field !== "path" && field !== "size")))
      throw new UploadRefused(
        `its tar archive gives ${forEveryEntry ? "all entries" : "an entry"} the field ${quoted(field)}, which files of a backup don't have`,
        "make the archive again from plain files, with GNU tar or bsdtar",
      );
  }
}
