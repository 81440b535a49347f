/**
 * Cuts the key space into half-open ranges from −∞ to +∞, so that no shard has too much to read, in one pass and
 * constant memory. Few changes make a single shard, so that they share one pack.
 */
import type { KeyRange } from "./key-order";

export interface ShardLimits {
  /** Files to read or to copy from repacked packs. */
  readonly work: number;
  /** Bytes of them, where sizes are known. */
  readonly workBytes: number;
  /** All lines, carried-over ones too. */
  readonly lines: number;
}
/** 20 GB take a packer about ten minutes. */
export const NIGHTLY_SHARD: ShardLimits = { work: 20_000, workBytes: 20e9, lines: 2_000_000 };
/** The first night has nothing to carry over, and its shards decide nothing but how much runs in parallel. */
export const FIRST_SHARD: ShardLimits = { work: 100_000, workBytes: 20e9, lines: 2_000_000 };

/** One line of the list, in key order. */
export interface ShardCount {
  readonly key: string;
  /** False when it is carried over. */
  readonly work: boolean;
  /** 0 where unknown. */
  readonly bytes: number;
}

export class ShardPlanner {
  private readonly cuts: string[] = [];
  private work = 0;
  private workBytes = 0;
  private lines = 0;

  constructor(private readonly limits: ShardLimits) {}

  add({ key, work, bytes }: ShardCount): void {
    if (this.lines > 0 && this.isFull(work, bytes)) {
      this.cuts.push(key);
      this.work = this.workBytes = this.lines = 0;
    }
    this.lines++;
    if (!work) return;
    this.work++;
    this.workBytes += bytes;
  }

  /** At least one range; together they cover every key exactly once. */
  finish(): KeyRange[] {
    return [null, ...this.cuts].map((from, i) => ({ from, to: this.cuts[i] ?? null }));
  }

  private isFull(work: boolean, bytes: number): boolean {
    const { limits } = this;
    if (this.lines >= limits.lines) return true;
    return work && (this.work >= limits.work || (this.workBytes > 0 && this.workBytes + bytes > limits.workBytes));
  }
}

export function planShards(counts: Iterable<ShardCount>, limits: ShardLimits): KeyRange[] {
  const planner = new ShardPlanner(limits);
  for (const count of counts) planner.add(count);
  return planner.finish();
}
