/** The records of a PAX extended header, as far as they matter: a path and a size. Everything doubtful is refused. Pure. */
import { MAKE_AGAIN, quoted, UploadRefused } from "./refusal";

export interface PaxRecords {
  readonly path?: string;
  readonly size?: number;
}

/** Times, owners and remarks; nothing of them is kept. */
const HARMLESS =
  /^(atime|ctime|mtime|uid|gid|uname|gname|comment|charset|SCHILY\..*|LIBARCHIVE\..*|RHT\..*|MSWINDOWS\..*)$/;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Throws UploadRefused. */
export function parsePaxRecords(bytes: Uint8Array): PaxRecords {
  const seen = new Set<string>();
  let records: PaxRecords = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const digits = space === -1 ? "" : Buffer.from(bytes.subarray(at, Math.min(space, at + 20))).toString("latin1");
    const length = /^[1-9]\d*$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (length <= digits.length + 3 || end > bytes.length || bytes[end - 1] !== 0x0a) throw malformed();
    const [name, value] = split(bytes.subarray(space + 1, end - 1));
    if (seen.has(name))
      throw new UploadRefused(`an extended header in its tar archive says ${quoted(name)} twice`, MAKE_AGAIN);
    seen.add(name);
    records = { ...records, ...meaningOf(name, value) };
    at = end;
  }
  return records;
}

function meaningOf(name: string, value: string): PaxRecords {
  if (name === "path") {
    if (value === "" || value.includes("\0")) throw malformed();
    return { path: value };
  }
  if (name === "size") {
    const size = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(size))
      throw new UploadRefused("the size of an entry in its tar archive is no number of bytes", MAKE_AGAIN);
    return { size };
  }
  if (name.startsWith("GNU.sparse."))
    throw new UploadRefused("its tar archive holds a sparse file", "make the archive again without --sparse");
  if (name === "linkpath") throw new UploadRefused("its tar archive holds a link", MAKE_AGAIN);
  if (!HARMLESS.test(name))
    throw new UploadRefused(
      `an extended header in its tar archive has the unknown field ${quoted(name)}`,
      "make the archive again with GNU tar or bsdtar",
    );
  return {};
}

function split(record: Uint8Array): [string, string] {
  const equals = record.indexOf(0x3d);
  if (equals < 1) throw malformed();
  const name = textOf(record.subarray(0, equals));
  // Remarks and attributes may hold any bytes.
  return [name, HARMLESS.test(name) ? "" : textOf(record.subarray(equals + 1))];
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new UploadRefused("an extended header in its tar archive is not UTF-8", MAKE_AGAIN, { cause });
  }
}

const malformed = (): UploadRefused =>
  new UploadRefused("an extended header in its tar archive is malformed", MAKE_AGAIN);
