/** Tars made byte by byte, so that they can be wrong in any way; what isn't said is as GNU tar would have it. */
export interface EntryOptions {
  readonly name: string;
  readonly body?: Buffer | string;
  readonly type?: string;
  /** Written as it is, instead of the body's length. */
  readonly size?: string | Buffer;
  readonly magic?: string;
  readonly prefix?: string;
  readonly checksum?: string;
  readonly link?: string;
}

const bufferOf = (body: Buffer | string = ""): Buffer => (typeof body === "string" ? Buffer.from(body) : body);
const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");

export function header({ name, body = "", type = "0", size, magic = "ustar\x0000", ...rest }: EntryOptions): Buffer {
  const block = Buffer.alloc(512);
  Buffer.from(name, "utf8").copy(block, 0, 0, 100);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  if (Buffer.isBuffer(size)) size.copy(block, 124);
  else block.write(size ?? `${octal(Buffer.byteLength(body), 11)}\0`, 124, "latin1");
  block.write(`${octal(1_700_000_000, 11)}\0`, 136);
  block.write("        ", 148);
  block.write(type, 156, "latin1");
  block.write(rest.link ?? "", 157);
  block.write(magic, 257, "latin1");
  block.write(rest.prefix ?? "", 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(rest.checksum ?? `${octal(sum, 6)}\0 `, 148, "latin1");
  return block;
}

export function entry(options: EntryOptions): Buffer {
  const body = bufferOf(options.body);
  return Buffer.concat([header(options), body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
export const file = (name: string, body: Buffer | string = "", more: Partial<EntryOptions> = {}): Buffer =>
  entry({ name, body, ...more });
export const directory = (name: string): Buffer => entry({ name, type: "5" });

/** `<length> <name>=<value>\n` */
export const paxRecord = (name: string, value: string | Buffer): Buffer => {
  const rest = Buffer.concat([Buffer.from(` ${name}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (rest.length + String(length).length !== length) length++;
  return Buffer.concat([Buffer.from(String(length)), rest]);
};
export const pax = (records: Record<string, string>, type = "x"): Buffer =>
  file("PaxHeaders/file", Buffer.concat(Object.entries(records).map(([name, value]) => paxRecord(name, value))), {
    type,
  });

export const END = Buffer.alloc(1024);
export const tar = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, END]);

export const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
export const treeName = (key: string): string => `tree/${key.slice(0, 2)}/${key.slice(2, 4)}/${key}`;
