/**
 * A dump's texts are in its own encoding, and the driver speaks UTF-8: the server translates, which knows every encoding
 * that a dump can have. What is ASCII, or UTF-8 already, needs no asking.
 */
import type { Client } from "pg";
import { textOf, type TocEntry } from "../dump/toc";

/** `texts`: byte strings, as in `dump/toc.ts`. */
export const dumpTexts = async (
  client: Client,
  settings: readonly TocEntry[],
  texts: readonly string[],
): Promise<readonly string[]> => {
  const encoding = encodingOf(settings);
  const translated: string[] = [];
  for (const bytes of texts)
    translated.push(isPlain(bytes, encoding) ? textOf(bytes) : await fromServer(client, encoding, bytes));
  return translated;
};

/** Of a text of ours in a dump's encoding; undefined: it can't be written in it, so the dump doesn't name it. */
export const dumpBytes = async (
  client: Client,
  settings: readonly TocEntry[],
  text: string,
): Promise<string | undefined> => {
  const encoding = encodingOf(settings);
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  if (isPlain(bytes, encoding)) return bytes;
  try {
    const { rows } = await client.query<{ bytes: Buffer }>("SELECT pg_catalog.convert_to($1, $2) AS bytes", [
      text,
      encoding,
    ]);
    return rows[0]?.bytes.toString("latin1");
  } catch {
    return undefined;
  }
};

const encodingOf = (settings: readonly TocEntry[]): string =>
  /'([^']*)'/.exec(settings.find(({ kind }) => kind === "ENCODING")?.definition ?? "")?.[1] ?? "UTF8";

/** SQL_ASCII is no encoding: whoever wrote the bytes knows what they are, and UTF-8 is likeliest. */
const isPlain = (bytes: string, encoding: string): boolean =>
  encoding === "UTF8" || encoding === "SQL_ASCII" || !/[\u0080-\u00ff]/.test(bytes);

const fromServer = async (client: Client, encoding: string, bytes: string): Promise<string> => {
  const { rows } = await client.query<{ text: string }>("SELECT pg_catalog.convert_from($1, $2) AS text", [
    Buffer.from(bytes, "latin1"),
    encoding,
  ]);
  return rows[0]?.text ?? "";
};
