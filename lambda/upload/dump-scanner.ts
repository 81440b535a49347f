/**
 * Follows a dump in custom format from its first byte to its last: the head is parsed, and of the data every block's
 * frame is checked, so that a dump which ends too early or too late is noticed. What the blocks hold, only pg_restore
 * knows. Memory: the head, which is limited, and the few bytes of a number that two chunks share.
 */
import { LONGEST_HEAD } from "../dump/edit-head";
import { DUMP_MAGIC, HeadIncomplete } from "../dump/toc";
import { damaged, parseDumpHead, type DumpHead } from "./dump-toc";
import { MAKE_AGAIN, UPLOAD_AGAIN, UploadRefused } from "./refusal";
import { notADump } from "./upload-kind";

const FIRST_TRY = 64 * 1024;
const DATA = 1;
const LARGE_OBJECTS = 3;

/** What comes next in the data. */
type Expected = "kind" | "id" | "length" | "object" | "object-length";

export class DumpScanner {
  private size = 0;
  private head: DumpHead | undefined;
  private chunks: Uint8Array[] = [];
  private gathered = 0;
  private nextTry = FIRST_TRY;
  private expected: Expected = "kind";
  private largeObjects = false;
  private skip = 0;
  private readonly number = Buffer.alloc(5);
  private filled = 0;
  private readonly seen = new Set<number>();

  constructor(private readonly newestMajor: number) {}

  /** Throws UploadRefused. */
  feed(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.head !== undefined) return this.follow(chunk);
    this.chunks.push(chunk);
    this.gathered += chunk.length;
    if (this.gathered >= this.nextTry) this.tryHead();
  }

  /** After the last byte. Throws UploadRefused. */
  finish(): { readonly head: DumpHead; readonly size: number } {
    if (this.head === undefined) this.tryHead();
    const { head } = this;
    if (head === undefined)
      throw new UploadRefused(
        this.size === 0 ? "its database dump is empty" : "its database dump ends within its table of contents",
        UPLOAD_AGAIN,
      );
    if (this.expected !== "kind" || this.skip > 0 || this.filled > 0)
      throw damaged("its database dump ends within its data");
    const missing = [...head.withData].filter((id) => !this.seen.has(id)).length;
    if (missing > 0)
      throw damaged(`its database dump ends too early: the data of ${missing} of its tables or sequences are missing`);
    return { head, size: this.size };
  }

  /** Parsed again from its beginning each time the bytes have doubled: the work is at most twice the last try's. */
  private tryHead(): void {
    const bytes = Buffer.concat(this.chunks);
    if (!bytes.subarray(0, DUMP_MAGIC.length).equals(DUMP_MAGIC.subarray(0, bytes.length))) throw notADump(bytes);
    try {
      this.head = parseDumpHead(bytes, this.newestMajor);
    } catch (error) {
      if (!(error instanceof HeadIncomplete)) throw error;
      if (bytes.length >= LONGEST_HEAD)
        throw new UploadRefused(`its dump's table of contents is larger than ${LONGEST_HEAD} bytes`, MAKE_AGAIN);
      this.chunks = [bytes];
      this.nextTry = 2 * bytes.length;
      return;
    }
    this.chunks = [];
    this.follow(bytes.subarray(this.head.length));
  }

  private follow(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.skip > 0) {
        const passed = Math.min(this.skip, chunk.length - at);
        this.skip -= passed;
        at += passed;
      } else if (this.expected === "kind") {
        this.onKind(chunk[at++] ?? 0);
      } else {
        const taken = Math.min(5 - this.filled, chunk.length - at);
        for (let i = 0; i < taken; i++) this.number[this.filled + i] = chunk[at + i] ?? 0;
        at += taken;
        this.filled += taken;
        if (this.filled < 5) return;
        this.filled = 0;
        this.onNumber(this.number[0] === 0 ? this.number.readUInt32LE(1) : -1);
      }
    }
  }

  private onKind(kind: number): void {
    if (kind !== DATA && kind !== LARGE_OBJECTS)
      throw new UploadRefused("bytes follow after the end of its database dump, or its data are damaged", UPLOAD_AGAIN);
    this.largeObjects = kind === LARGE_OBJECTS;
    this.expected = "id";
  }

  private onNumber(value: number): void {
    if (value < 0) throw damaged("the data of its database dump are damaged");
    switch (this.expected) {
      case "id":
        if (this.head?.withData.has(value) !== true || this.seen.has(value))
          throw damaged("its database dump has data that its table of contents does not name");
        this.seen.add(value);
        this.expected = this.largeObjects ? "object" : "length";
        return;
      case "object":
        this.expected = value === 0 ? "kind" : "object-length";
        return;
      case "object-length":
        this.skip = value;
        if (value === 0) this.expected = "object";
        return;
      default:
        this.skip = value;
        if (value === 0) this.expected = "kind";
    }
  }
}
