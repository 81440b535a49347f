/**
 * The packs of a snapshot, read beside the index: since a pack is in key order, its next file is always the next one
 * in its bytes. A pack is opened at its first file and closed at its last one, so few are open at once. Only reads.
 */
import type { IndexEntry } from "../snapshot/file-index";
import type { PackEntry } from "../snapshot/manifest";
import { PackScan } from "./pack-scan";
import { checkSegment, fileOfSegment } from "./segment";
import { isSmall } from "./segment-runs";
import type { Locate, ProblemList } from "./verification-problems";

interface PackState {
  readonly entry: PackEntry;
  scan?: PackScan;
  /** It can't be read: told once, not again for each of its files. */
  broken: boolean;
  closed: boolean;
  segments: number;
  bytes: number;
}

export class PackVerification {
  filesRead = 0;
  private readonly packs: ReadonlyMap<string, PackState>;

  constructor(
    packs: readonly PackEntry[],
    private readonly locate: Locate,
    private readonly problems: ProblemList,
  ) {
    this.packs = new Map(
      packs.map((entry) => [entry.packId, { entry, broken: false, closed: false, segments: 0, bytes: 0 }]),
    );
  }

  /** Entries come in key order. */
  async check(entry: IndexEntry): Promise<void> {
    const pack = this.packs.get(entry.pack);
    if (pack === undefined) {
      this.problems.add(entry.pack, `The manifest does not name the pack ${entry.pack} of the file index.`, entry.key);
      return;
    }
    pack.segments++;
    pack.bytes += entry.length;
    const scan = await this.open(pack);
    if (scan === undefined) return;
    const right = await this.problems.during(pack.entry.key, () => checkFile(scan, entry), entry.key);
    if (right) this.filesRead++;
    if (pack.segments >= pack.entry.liveSegments) await this.close(pack);
  }

  /** Reads to their end what is still open, and packs that no file refers to. */
  async finish(): Promise<void> {
    for (const pack of this.packs.values()) {
      if (!pack.closed) {
        await this.open(pack);
        await this.close(pack);
      }
      const { entry, segments, bytes } = pack;
      if (segments === entry.liveSegments && bytes === entry.liveBytes && segments <= entry.segments) continue;
      this.problems.add(
        entry.key,
        `The index refers to ${segments} segments of ${bytes} bytes in the pack, and the manifest says ` +
          `${entry.liveSegments} of ${entry.liveBytes} bytes among ${entry.segments}.`,
      );
    }
  }

  private async open(pack: PackState): Promise<PackScan | undefined> {
    if (pack.broken || pack.closed) return undefined;
    if (pack.scan !== undefined) return pack.scan;
    pack.broken = !(await this.problems.during(pack.entry.key, async () => {
      pack.scan = new PackScan(await this.locate(pack.entry), pack.entry);
      await pack.scan.begin();
    }));
    return pack.broken ? undefined : pack.scan;
  }

  private async close(pack: PackState): Promise<void> {
    pack.closed = true;
    const { scan } = pack;
    if (scan === undefined) return;
    if (!pack.broken) await this.problems.during(pack.entry.key, () => scan.finish());
    await scan.close();
  }
}

/** Throws ObjectDamaged. */
const checkFile = async (scan: PackScan, entry: IndexEntry): Promise<void> => {
  const range = scan.range(entry.offset, entry.length);
  if (!isSmall(entry)) return checkSegment(range, entry);
  const chunks: Uint8Array[] = [];
  for await (const chunk of range) chunks.push(chunk);
  fileOfSegment(Buffer.concat(chunks), entry);
};
