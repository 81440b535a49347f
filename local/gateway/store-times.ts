/**
 * Time at the S3 server. The server has its own real clock and enforces locks by it, while the service lives in
 * simulated time. So dates are translated on the way in and out, and a lock is moved along with the clock's jumps
 * before anything depends on it ("time passing" for the store). The offset is whole seconds: nothing is rounded.
 * A failure leaves locks longer than the service asked, never shorter.
 */
import type { SimulatedClock } from "../clock/simulated-clock";
import type { StoredVersion, UpstreamStore } from "./upstream-store";

export class StoreTimes {
  private readonly writes = new Map<string, number>();
  private readonly locks = new Map<string, number>();
  private readonly uploads = new Map<string, Date>();
  private readonly moving = new Map<string, Promise<void>>();
  /** By the server's clock, which shows whole seconds. */
  private readonly startedAt = Math.floor(Date.now() / 1000) * 1000;

  constructor(
    private readonly clock: SimulatedClock,
    private readonly store: UpstreamStore,
    /** Of an app that this one goes on for: what it knew of objects is still true. */
    earlier?: StoreTimes,
  ) {
    for (const [name, offset] of earlier?.writes ?? []) this.writes.set(name, offset);
    for (const [name, offset] of earlier?.locks ?? []) this.locks.set(name, offset);
  }

  recordUpload(uploadId: string): void {
    this.uploads.set(uploadId, this.clock.now());
  }
  /** Some servers make the time of an unfinished upload up, so ours counts. */
  uploadInitiated(uploadId: string, told: Date): Date {
    return this.uploads.get(uploadId) ?? told;
  }
  /** An object or delete marker came into being now. */
  recordWrite(ref: StoredVersion): void {
    this.writes.set(id(ref), this.clock.offsetMs);
    this.writes.set(id({ bucket: ref.bucket, key: ref.key }), this.clock.offsetMs);
    this.locks.set(id(ref), this.clock.offsetMs);
  }
  recordLock(ref: StoredVersion): void {
    this.locks.set(id(ref), this.clock.offsetMs);
  }

  /** A lock date of the service, by the server's clock. */
  lockToStore(simulated: Date): Date {
    return new Date(simulated.getTime() - this.clock.offsetMs);
  }
  /** A lock date of the server, by the service's clock. */
  lockFromStore(ref: StoredVersion, real: Date): Date {
    return new Date(real.getTime() + (this.locks.get(id(ref)) ?? this.clock.offsetMs));
  }
  /** When an object was written, by the service's clock. What was there before the run is as old as it says. */
  writtenFromStore(ref: StoredVersion, real: Date): Date {
    if (real.getTime() >= this.startedAt) this.learn(ref);
    return new Date(real.getTime() + (this.writes.get(id(ref)) ?? 0));
  }

  /** A version of this run that nobody recorded: the answer to its write was lost. Whoever wrote it looks at it soon. */
  private learn(ref: StoredVersion): void {
    for (const offsets of [this.writes, this.locks])
      if (!offsets.has(id(ref))) offsets.set(id(ref), this.clock.offsetMs);
  }

  /** Brings a version's lock up to the simulated present: shorter by what the clock has jumped since, or gone. */
  async bringForward(ref: StoredVersion): Promise<void> {
    const name = id(ref);
    const under = this.moving.get(name);
    if (under !== undefined) return under;
    const setAt = this.locks.get(name);
    if (setAt === undefined || setAt === this.clock.offsetMs) return;
    const move = this.move(ref, setAt).finally(() => this.moving.delete(name));
    this.moving.set(name, move);
    return move;
  }

  private async move(ref: StoredVersion, setAt: number): Promise<void> {
    const offset = this.clock.offsetMs;
    const lock = await this.store.lockOf(ref).catch(absent);
    if (lock !== undefined) {
      const until = new Date(lock.until.getTime() + setAt - offset);
      if (until.getTime() > Date.now() + 1000) await this.store.lock(ref, { mode: lock.mode, until });
      else await this.release(ref, lock.mode, until);
    }
    this.locks.set(id(ref), offset);
  }

  /** The lock has ended, or ends within a second. A server that removes no lock gets one that ends at once. */
  private async release(ref: StoredVersion, mode: "GOVERNANCE" | "COMPLIANCE", until: Date): Promise<void> {
    const untilEnd = until.getTime() - Date.now();
    if (untilEnd > 0) await pause(untilEnd);
    try {
      await this.store.unlock(ref);
    } catch {
      const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000);
      await this.store.lock(ref, { mode, until: soon });
      await pause(soon.getTime() - Date.now() + 50);
    }
  }
}

/** A version that is gone, or a delete marker, has no lock. */
const absent = (error: unknown): undefined => {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (status === 404 || status === 405 || status === 400) return undefined;
  throw error;
};

const id = ({ bucket, key, versionId }: StoredVersion): string => `${bucket}\n${key}\n${versionId ?? ""}`;
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
