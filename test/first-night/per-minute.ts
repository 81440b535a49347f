/** Counts calls by the minute, so that a storm of retries shows. */
import type { Clock } from "../../lambda/runtime/collaborators";

export class PerMinute {
  private readonly counts = new Map<number, number>();
  constructor(private readonly clock: Clock) {}
  add(): void {
    const minute = Math.floor(this.clock.now().getTime() / 60_000);
    this.counts.set(minute, (this.counts.get(minute) ?? 0) + 1);
  }
  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
  get most(): number {
    return Math.max(0, ...this.counts.values());
  }
}

/** A number in [0, 1) of the given bytes. */
export const fraction = (random: (bytes: number) => Uint8Array): number =>
  Buffer.from(random(4)).readUInt32LE(0) / 2 ** 32;
