/**
 * A tar entry's header: ustar, with a PAX header before it where the path or the size does not fit. Time, owner and
 * mode are fixed, so that equal files give equal bytes.
 */
export const TAR_BLOCK = 512;
/** Two empty blocks end an archive. */
export const END_OF_ARCHIVE = new Uint8Array(2 * TAR_BLOCK);

/** 2000-01-01T00:00:00Z: some programs warn of times near 1970. */
const FIXED_TIME = 946_684_800;
/** The size field has eleven octal digits. */
const LARGEST_USTAR_SIZE = 8 * 1024 ** 3 - 1;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;

/** Zeros that follow a content of `size` bytes. */
export const tarPadding = (size: number): number => (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;

/** The blocks before the content: 512 bytes, or 1,536 and more with PAX. */
export function tarHeader(path: string, size: number): Buffer {
  const place = splitPath(path);
  const records: [string, string][] = [];
  if (place === undefined) records.push(["path", path]);
  if (size > LARGEST_USTAR_SIZE) records.push(["size", String(size)]);
  const header = ustar(place ?? { prefix: "", name: asciiName(path) }, Math.min(size, LARGEST_USTAR_SIZE), "0");
  if (records.length === 0) return header;
  const pax = Buffer.concat(records.map(([name, value]) => paxRecord(name, value)));
  const paxHeader = ustar({ prefix: "", name: "PaxHeaders/file" }, pax.length, "x");
  return Buffer.concat([paxHeader, pax, Buffer.alloc(tarPadding(pax.length)), header]);
}

interface Place {
  readonly prefix: string;
  readonly name: string;
}

/** Name and prefix where the path fits ustar's two fields; undefined where it needs PAX. */
function splitPath(path: string): Place | undefined {
  if (!/^[\x20-\x7e]*$/.test(path)) return undefined;
  if (path.length <= NAME_BYTES) return { prefix: "", name: path };
  const slash = path.indexOf("/", path.length - NAME_BYTES - 1);
  if (slash < 1 || slash > PREFIX_BYTES || slash === path.length - 1) return undefined;
  return { prefix: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** What programs without PAX see: the path's end, in ASCII. */
const asciiName = (path: string): string =>
  path
    .replace(/[^\x20-\x7e]/g, "_")
    .slice(-NAME_BYTES)
    .replace(/^\/+/, "");

/** `<length> <name>=<value>\n`, where the length counts its own digits. */
function paxRecord(name: string, value: string): Buffer {
  const rest = Buffer.from(` ${name}=${value}\n`);
  let length = rest.length + 1;
  while (rest.length + String(length).length !== length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function ustar(place: Place, size: number, type: "0" | "x"): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  block.write(place.name, 0, "latin1");
  block.write("0000644\0", 100, "latin1");
  block.write("0000000\0", 108, "latin1");
  block.write("0000000\0", 116, "latin1");
  block.write(`${octal(size, 11)}\0`, 124, "latin1");
  block.write(`${octal(FIXED_TIME, 11)}\0`, 136, "latin1");
  block.write("        ", 148, "latin1"); // the checksum counts itself as spaces
  block.write(type, 156, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  block.write("0000000\0", 329, "latin1");
  block.write("0000000\0", 337, "latin1");
  block.write(place.prefix, 345, "latin1");
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
    "latin1",
  );
  return block;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
