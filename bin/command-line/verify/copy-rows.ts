/**
 * Reads the rows of COPY blocks out of a plain SQL dump, strictly: a row with another number of columns than its
 * heading, an escape that PostgreSQL doesn't write, or text that is no UTF-8 ends the reading with UnreadableRows.
 * Streams; memory is one row.
 */
export interface CopyRow {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** In the order of the columns; null is SQL's NULL. */
  readonly values: readonly (string | null)[];
}
/** Its message is the rest of a sentence that begins with what was read. */
export class UnreadableRows extends Error {
  override name = "UnreadableRows";
}

/** Longer than a row of names and numbers can be. */
const LONGEST_LINE = 16 * 1024 * 1024;
const NEWLINE = 10;
const IDENTIFIER = String.raw`(?:"(?:[^"]|"")+"|[^\s".,()]+)`;
const HEADING = new RegExp(
  String.raw`^COPY (${IDENTIFIER})\.(${IDENTIFIER}) \((${IDENTIFIER}(?:, ${IDENTIFIER})*)\) FROM stdin;$`,
);
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

export type CopyHeading = Omit<CopyRow, "values">;

/** `onHeading` is also told of tables without rows. */
export async function* copyRows(
  sql: AsyncIterable<Uint8Array>,
  onHeading: (heading: CopyHeading) => void = () => undefined,
): AsyncGenerator<CopyRow> {
  let heading: CopyHeading | undefined;
  for await (const line of lines(sql)) {
    if (heading === undefined) {
      if (!line.startsWith("COPY ")) continue;
      heading = headingOf(line);
      onHeading(heading);
    } else if (line === "\\.") {
      heading = undefined;
    } else {
      const values = line.split("\t").map(valueOf);
      if (values.length !== heading.columns.length)
        throw new UnreadableRows(`a row has ${values.length} columns instead of ${heading.columns.length}`);
      yield { ...heading, values };
    }
  }
  if (heading !== undefined) throw new UnreadableRows("it ends within the rows of a table");
}

function headingOf(line: string): CopyHeading {
  const found = HEADING.exec(line);
  if (found === null) throw new UnreadableRows("a heading of rows is of an unknown form");
  const [, schema = "", table = "", columns = ""] = found;
  return {
    schema: unquoted(schema),
    table: unquoted(table),
    columns: [...columns.matchAll(new RegExp(IDENTIFIER, "g"))].map(([name]) => unquoted(name)),
  };
}

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

function valueOf(text: string): string | null {
  if (text === "\\N") return null;
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.?)/gsu, (_, mark: string) => {
    const meant = ESCAPES[mark];
    if (meant === undefined) throw new UnreadableRows(`a value holds the unknown escape \\${mark}`);
    return meant;
  });
}

async function* lines(sql: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (bytes: Uint8Array): string => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw new UnreadableRows("it is not in UTF-8");
    }
  };
  let rest: Uint8Array[] = [];
  let length = 0;
  for await (const piece of sql) {
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
      yield decode(Buffer.concat([...rest, piece.subarray(from, at)]));
      rest = [];
      length = 0;
      from = at + 1;
    }
    if (from === piece.length) continue;
    rest.push(piece.subarray(from));
    length += piece.length - from;
    if (length > LONGEST_LINE) throw new UnreadableRows(`a line is longer than ${LONGEST_LINE} bytes`);
  }
  if (length > 0) yield decode(Buffer.concat(rest));
}
