/**
 * tar-stream's parser, fed by hand: each time some bytes, and then what has become of them. So whoever feeds it knows
 * where every header is, and the parser holds no more than it was given last. `destroy` ends it in any state.
 */
import { extract, type Header } from "tar-stream";

export interface ParsedEntry {
  /** The library knows more kinds than its types, and lets a size be none. */
  readonly header: Pick<Header, "name"> & {
    readonly type: Header["type"] | null;
    readonly size: number | null;
    readonly pax: Readonly<Record<string, string>> | null;
  };
  /** What has been taken out of the bytes since this was emptied. */
  readonly content: Uint8Array[];
  /** All of the content has been taken. */
  readonly complete: Promise<void>;
}

/** With this mark a write counts as done when the parser has taken all of it. */
const OPTIONS = { highWaterMark: 1, allowUnknownFormat: true };

export class TarParser {
  private readonly parser = extract(OPTIONS);
  private found: ParsedEntry | undefined;
  private failure: unknown;
  private wake: () => void = () => undefined;

  constructor() {
    this.parser.on("entry", (header, body, next) => {
      const content: Uint8Array[] = [];
      body.on("data", (piece) => content.push(piece as Uint8Array));
      const complete = new Promise<void>((resolve) => void body.once("close", resolve));
      this.found = { header: header as ParsedEntry["header"], content, complete };
      next();
    });
    this.parser.on("error", (error) => (this.failure = error));
    // A write that failed is done as well, before its failure is told.
    this.parser.on("drain", () => this.parser.destroying || this.wake());
    this.parser.on("close", () => this.wake());
  }

  /** The entry whose header the bytes are, if they are one's. Throws the library's errors. */
  async feed(bytes: Uint8Array): Promise<ParsedEntry | undefined> {
    if (this.parser.destroying) throw new Error("The tar is no longer read.");
    this.found = undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.parser.write(bytes);
    });
    if (this.failure !== undefined) throw this.failure;
    return this.found;
  }

  destroy(): void {
    this.parser.destroy();
  }
}
