/**
 * What of a dump may stand in a file for psql. psql takes a backslash outside of quotes for a command of its own, which
 * may run programs on the reader's machine; a dump may have been made by somebody else. So a statement must close what
 * it opens and have no such backslash, and rows must end once. Pure. Texts are byte strings, as in `toc.ts`.
 */

/** Encodings in which a byte of a longer character can be a backslash: https://www.postgresql.org/docs/current/multibyte.html */
const UNSAFE_ENCODINGS = new Set(["BIG5", "GBK", "GB18030", "JOHAB", "SHIFT_JIS_2004", "SJIS", "UHC"]);
export const isSafeEncoding = (encoding: string): boolean => !UNSAFE_ENCODINGS.has(encoding.toUpperCase());

/**
 * One quoted thing, comment, name, number or other character, as psql's own scanner divides them (src/fe_utils/psqlscan.l).
 * Ordinary strings know no escapes (`standard_conforming_strings`); an E right ahead of one makes it one that does.
 */
const PIECES =
  /[Ee]'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'|'[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*"|(\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)[\s\S]*?\1|--[^\n\r]*|\/\*|[A-Za-z_\x80-\xff][\w$\x80-\xff]*|\d[\w.]*|\$\d+|\s+|[\s\S]/gy;
/** Of what is never closed, psql's commands, and comments of several lines, which pg_dump never writes. */
const REFUSED = new Set(["'", '"', "$", "\\", "/*"]);

/** Whether psql passes the statement on as it stands. Says no to some that it would pass on, which pg_dump never writes. */
export const isPlainSql = (statement: string): boolean => {
  let [afterEscapes, afterNumber] = [false, false];
  for (const [piece] of statement.matchAll(PIECES)) {
    if (REFUSED.has(piece)) return false;
    // On the next line a string goes on, escapes and all; and a number's E may be taken for the string's.
    if (piece.startsWith("'") && (afterEscapes || afterNumber)) return false;
    afterNumber = /^\d/.test(piece);
    afterEscapes = /^E'/i.test(piece) || (afterEscapes && /^(\s|--)/.test(piece));
  }
  return true;
};

const LINE_END = 0x0a;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

export class RowsGoOn extends Error {
  override name = "RowsGoOn";
}

/** Rows in COPY's text form without the line that ends them, always with a whole last line. Throws RowsGoOn. */
export async function* copyRows(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Kept back: a line's beginning, where it may be that of the last.
  let rest: Buffer = Buffer.alloc(0);
  let [atStart, ended] = [true, false];
  for await (const piece of bytes) {
    let chunk =
      rest.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([rest, piece]);
    if (ended) {
      refuseMore(chunk);
      rest = Buffer.alloc(0);
      continue;
    }
    const end = endOf(chunk, atStart);
    if (end !== undefined) {
      refuseMore(chunk.subarray(end + 2));
      chunk = chunk.subarray(0, end);
      ended = true;
    }
    const kept = !ended && chunk.at(-1) === BACKSLASH && (chunk.length === 1 ? atStart : chunk.at(-2) === LINE_END);
    rest = Buffer.from(kept ? chunk.subarray(-1) : []);
    const given = kept ? chunk.subarray(0, -1) : chunk;
    if (given.length === 0) continue;
    atStart = given.at(-1) === LINE_END;
    yield given;
  }
  if (rest.length > 0) throw new RowsGoOn("The last row is cut off.");
  if (!atStart) yield Buffer.from("\n");
}

/** Where the line that ends the rows begins. */
const endOf = (chunk: Buffer, atStart: boolean): number | undefined => {
  if (atStart && chunk[0] === BACKSLASH && chunk[1] === DOT) return 0;
  const at = chunk.indexOf("\n\\.");
  return at === -1 ? undefined : at + 1;
};

/** Behind the end pg_dump writes empty lines. */
const refuseMore = (bytes: Uint8Array): void => {
  for (const byte of bytes)
    if (byte !== LINE_END && byte !== 0x0d) throw new RowsGoOn("Something follows the rows' end.");
};
