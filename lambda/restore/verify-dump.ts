/**
 * The database object of a snapshot, in one sequential pass: its bytes, the dump inside, the dump's own frame from the
 * table of contents to the last block, and whether the manifest names what a restore of it needs. Only reads.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { gunzipStream } from "../pack/inflate";
import type { DatabaseEntry } from "../snapshot/manifest";
import { ObjectDamaged } from "../storage/storage-errors";
import { DumpScanner } from "../upload/dump-scanner";
import type { DumpHead } from "../upload/dump-toc";
import { rolesOfPolicy } from "../upload/policy-roles";
import { UploadRefused } from "../upload/refusal";
import { PackScan } from "./pack-scan";
import type { Copy } from "./snapshot-reader";
import { HeadCheck } from "./verify-head";

/** Reads the plain dump beside us, such as a program that knows what its blocks hold. */
export interface DumpReading {
  /** Gives every piece on. */
  readonly through: (dump: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** After the last piece: why it can't be read, as a clause. */
  readonly failure: () => string | undefined;
}

/** Throws ObjectDamaged, ObjectNotFound, AccessRefused. */
export const verifyDump = async (copy: Copy, entry: DatabaseEntry, reading?: DumpReading): Promise<void> => {
  const name = `The database dump ${entry.key}`;
  const scan = new PackScan(copy, entry);
  try {
    const sha256 = createHash("sha256");
    const frame = new DumpFrame();
    let sum = 0;
    let size = 0;
    const head = new HeadCheck(entry);
    const plain = gunzipStream(head.through(scan.range(0, entry.size)), name);
    for await (const chunk of reading?.through(plain) ?? plain) {
      sha256.update(chunk);
      sum = crc32(chunk, sum);
      size += chunk.length;
      frame.feed(chunk);
    }
    await scan.finish();
    if (size !== entry.dumpSize) throw new ObjectDamaged(`${name} holds ${size} instead of ${entry.dumpSize} bytes.`);
    if (sha256.digest("hex") !== entry.dumpSha256 || sum !== entry.dumpCrc32) {
      throw new ObjectDamaged(`${name} holds another dump than the manifest says: its checksums differ.`);
    }
    const problem = frame.problem(entry) ?? head.problem() ?? reading?.failure();
    if (problem !== undefined)
      throw new ObjectDamaged(`${name} is as it was stored, and can't be restored: ${problem}.`);
  } finally {
    await scan.close();
  }
};

/** Follows the dump; what is wrong with it waits until the checksums are known, which may be the cause. */
class DumpFrame {
  private readonly scanner = new DumpScanner(Number.POSITIVE_INFINITY);
  private wrong: string | undefined;

  feed(chunk: Uint8Array): void {
    if (this.wrong === undefined) this.attempt(() => this.scanner.feed(chunk));
  }

  /** A clause. */
  problem(entry: DatabaseEntry): string | undefined {
    let head: DumpHead | undefined;
    if (this.wrong === undefined) this.attempt(() => void ({ head } = this.scanner.finish()));
    return this.wrong ?? (head === undefined ? undefined : unnamedNeed(head, entry));
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof UploadRefused)) throw error;
      this.wrong = error.what;
    }
  }
}

/** What the dump needs and the manifest does not name: no plan would ask the target for it. */
const unnamedNeed = (head: DumpHead, entry: DatabaseEntry): string | undefined => {
  if (head.encoding !== entry.encoding)
    return `it is encoded in ${head.encoding}, and the manifest says ${entry.encoding}`;
  const { needs, policies } = head;
  const lacking = (wanted: readonly string[], named: readonly string[], what: string): string[] =>
    wanted.filter((one) => !named.includes(one)).map((one) => `${what} "${one}"`);
  const unnamed = [
    ...lacking(
      head.extensions,
      entry.extensions.map((extension) => extension.name),
      "the extension",
    ),
    ...lacking(policies.flatMap(rolesOfPolicy), entry.policyRoles, "the role"),
    // Older manifests don't say, and neither do their plans.
    ...(entry.roles === undefined ? [] : lacking(needs.roles, entry.roles, "the role")),
    ...(entry.tablespaces === undefined ? [] : lacking(needs.tablespaces, entry.tablespaces, "the tablespace")),
  ];
  return unnamed.length === 0
    ? undefined
    : `it needs ${[...new Set(unnamed)].join(", ")}, which the manifest does not name`;
};
