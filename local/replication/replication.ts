/**
 * Does what S3 replication does, by the rules in the buckets' own configuration: new versions under a rule's prefix
 * are copied to the destination with data, metadata, lock mode and date as they stand; later changes of a lock
 * follow. Deletions don't. The changes of one object go in order, different objects in parallel.
 * A copy that fails is remembered as FAILED, as S3 would show it, and not tried again.
 */
import type { SimulatedClock } from "../clock/simulated-clock";
import type { WriteListener } from "../gateway/s3-gateway";
import type { StoreTimes } from "../gateway/store-times";
import type { StoredVersion, UpstreamStore } from "../gateway/upstream-store";

export interface ReplicationRule {
  readonly bucket: string;
  readonly prefix: string;
  readonly destination: string;
}

const CONCURRENCY = 4;

export class Replication implements WriteListener {
  private readonly statuses = new Map<string, "PENDING" | "COMPLETED" | "FAILED" | "REPLICA">();
  private readonly replicas = new Map<string, StoredVersion>();
  private readonly chains = new Map<string, Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  /** Why copies failed, one sentence each. */
  readonly failures: string[] = [];
  copied = 0;

  constructor(
    private readonly rules: readonly ReplicationRule[],
    private readonly store: UpstreamStore,
    private readonly times: StoreTimes,
    private readonly clock: SimulatedClock,
  ) {}

  written(ref: StoredVersion): void {
    const rule = this.ruleFor(ref);
    if (rule === undefined) return;
    this.statuses.set(id(ref), "PENDING");
    this.enqueue(ref, () => this.replicate(ref, rule));
  }

  retained(ref: StoredVersion): void {
    if (this.ruleFor(ref) === undefined) return;
    this.enqueue(ref, async () => {
      const replica = this.replicas.get(id(ref));
      if (replica !== undefined) await this.copyLock(ref, replica);
    });
  }

  statusOf(ref: StoredVersion): string | undefined {
    return this.statuses.get(id(ref));
  }

  private ruleFor({ bucket, key }: StoredVersion): ReplicationRule | undefined {
    return this.rules.find((rule) => rule.bucket === bucket && key.startsWith(rule.prefix));
  }

  private enqueue(ref: StoredVersion, work: () => Promise<void>): void {
    const chain = `${ref.bucket}\n${ref.key}`;
    const before = this.chains.get(chain) ?? Promise.resolve();
    const job: Promise<void> = this.clock.during(async () => {
      await before;
      await this.takeTurn();
      try {
        await work();
      } catch (error) {
        this.statuses.set(id(ref), "FAILED");
        this.failures.push(`${ref.bucket}/${ref.key}: ${(error as Error).message}`);
      } finally {
        this.giveTurn();
        if (this.chains.get(chain) === job) this.chains.delete(chain);
      }
    });
    this.chains.set(chain, job);
  }

  private async replicate(ref: StoredVersion, rule: ReplicationRule): Promise<void> {
    const versionId = await this.store.copy(ref, rule.destination);
    const replica: StoredVersion = {
      bucket: rule.destination,
      key: ref.key,
      ...(versionId === undefined ? {} : { versionId }),
    };
    this.times.recordWrite(replica);
    this.replicas.set(id(ref), replica);
    await this.copyLock(ref, replica);
    this.statuses.set(id(replica), "REPLICA");
    this.statuses.set(id(ref), "COMPLETED");
    this.copied += 1;
  }

  private async copyLock(ref: StoredVersion, replica: StoredVersion): Promise<void> {
    const lock = await this.store.lockOf(ref);
    if (lock === undefined) return;
    await this.times.bringForward(replica);
    const standing = await this.store.lockOf(replica);
    if (standing?.until.getTime() !== lock.until.getTime()) await this.store.lock(replica, lock);
    this.times.recordLock(replica);
  }

  private async takeTurn(): Promise<void> {
    while (this.running >= CONCURRENCY) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running += 1;
  }
  private giveTurn(): void {
    this.running -= 1;
    this.waiting.shift()?.();
  }
}

const id = ({ bucket, key, versionId }: StoredVersion): string => `${bucket}\n${key}\n${versionId ?? ""}`;
