/**
 * Looks through an archive's entries for its database dump, without keeping anything: what else the service would
 * refuse, it says itself. Numbers and names as in POSIX's ustar format, and large numbers as GNU tar writes them. Pure.
 */
import { dumpObjection, isDump, otherDump } from "../../../lambda/upload/first-bytes";
import type { Objection } from "../../../lambda/upload/objection";

const BLOCK = 512;
const DUMP = /^(\.\/)?db\/db\.backup$/;

export class TarGlance {
  private readonly block = new Uint8Array(BLOCK);
  private filled = 0;
  /** Bytes of the entry that have yet to come. */
  private left = 0;
  private inDump = false;
  private lost = false;
  private dumps = 0;
  private files = 0;
  private found: Objection | undefined;

  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.lost;) {
      // Only headers, and the first block of the dump, are looked at.
      if (this.left > 0 && !this.inDump) {
        const passed = Math.min(this.left, chunk.length - at);
        this.left -= passed;
        at += passed;
        continue;
      }
      const taken = Math.min(BLOCK - this.filled, chunk.length - at);
      this.block.set(chunk.subarray(at, at + taken), this.filled);
      this.filled += taken;
      at += taken;
      if (this.filled === BLOCK) this.onBlock();
    }
  }

  /** After the last byte. */
  finish(): Objection | undefined {
    if (this.found !== undefined || this.lost || this.dumps > 0) return this.found;
    return {
      what: this.files > 0 ? "it holds files and no database dump" : "it holds no database dump",
      advice: "upload a full snapshot or a database dump; files alone can only be downloaded",
    };
  }

  private onBlock(): void {
    this.filled = 0;
    if (this.inDump) {
      this.inDump = false;
      const start = this.block.subarray(0, Math.min(BLOCK, this.dumpSize));
      this.found = isDump(start) ? dumpObjection(start) : otherDump(start);
      this.left = Math.max(0, this.left - BLOCK);
      return;
    }
    if (this.block.every((byte) => byte === 0)) return;
    const size = isHeader(this.block) ? sizeOf(this.block.subarray(124, 136)) : undefined;
    if (size === undefined) {
      this.lost = true;
      return;
    }
    this.left = Math.ceil(size / BLOCK) * BLOCK;
    const kind = this.block[156] ?? 0;
    if (kind !== 0 && kind !== "0".charCodeAt(0)) return;
    this.files++;
    if (!DUMP.test(nameOf(this.block))) return;
    this.dumps++;
    this.dumpSize = size;
    this.inDump = size > 0;
    if (size === 0) this.found = { what: "its database dump is empty", advice: "make the archive again and upload it" };
  }
  private dumpSize = 0;
}

/** By its sum, in which its own field counts as blanks. */
const isHeader = (header: Uint8Array): boolean => {
  const told = Number.parseInt(String.fromCharCode(...header.subarray(148, 156)), 8);
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0) === told;
};

const nameOf = (header: Uint8Array): string => {
  const text = (from: number, to: number): string => {
    const bytes = header.subarray(from, to);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end));
  };
  const prefix = text(257, 262) === "ustar" ? text(345, 500) : "";
  return prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`;
};

/** Octal digits, or base 256 where the first bit is set. Undefined where it is neither. */
const sizeOf = (field: Uint8Array): number | undefined => {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = /^ *([0-7]+)[ \0]*$/.exec(String.fromCharCode(...field))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
};
