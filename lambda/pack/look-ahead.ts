/**
 * Walks through merge steps in order while the files of later steps are already being read: many small requests at
 * once, in bounded memory. Memory is granted in key order, so the file that is needed next is never the one that
 * waits. While a large file is in sight no further one is opened: its bytes are streamed when its turn comes. After it
 * reading ahead starts slowly again, because large files often come together and a connection kept waiting breaks.
 */
import type { FileSource } from "./file-source";
import type { MergeStep } from "./merge";
import { askAbout, giveUp, readFile, type ReadFile, type Room } from "./read-files";

export interface LookAheadLimits {
  /** Files on their way at once. */
  readonly files: number;
  /** Bytes of small files in memory. */
  readonly bytes: number;
  /** Larger files are streamed, one at a time. */
  readonly smallFile: number;
  /** Steps looked ahead. */
  readonly steps: number;
}
export interface WorkItem {
  readonly step: MergeStep;
  /** Set where the step's file is being read. */
  readonly file?: Promise<ReadFile>;
}

class Stopped extends Error {
  override name = "Stopped";
}

export class LookAhead {
  private readonly queue: (WorkItem & { readonly done?: () => void })[] = [];
  private readonly reading = new Set<Promise<ReadFile>>();
  private held = 0;
  private largeInSight = 0;
  /** Files to be opened at once, for now. */
  private window: number;
  private lastGrant: Promise<void> = Promise.resolve();
  private waiting: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly source: FileSource,
    private readonly limits: LookAheadLimits,
    /** Whether a step's file is to be read ahead, or asked about where it is unchanged. */
    private readonly isRead: (step: MergeStep) => boolean,
  ) {
    this.window = limits.files;
  }

  /** Items in order. What an item holds is freed when the next one is asked for. */
  async *items(steps: AsyncIterable<readonly MergeStep[]>): AsyncGenerator<WorkItem> {
    for await (const batch of steps) {
      for (const step of batch) {
        while (this.isFull()) yield* this.shift();
        this.queue.push(this.isRead(step) ? this.begin(step) : { step });
      }
      // Without a file on its way nothing is gained by holding back.
      while (this.reading.size === 0 && this.queue.length > 0) yield* this.shift();
    }
    while (this.queue.length > 0) yield* this.shift();
  }

  /** Gives up everything that was read ahead. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await Promise.all([...this.reading].map((file) => file.then(giveUp, () => undefined)));
  }

  private isFull(): boolean {
    if (this.queue.length === 0) return false;
    return this.queue.length >= this.limits.steps || this.reading.size >= this.window || this.largeInSight > 0;
  }

  private begin(step: MergeStep): WorkItem & { readonly done: () => void } {
    const turn = this.lastGrant;
    let grant = (): void => undefined;
    this.lastGrant = new Promise((resolve) => (grant = resolve));
    let mine = 0;
    let large = false;
    const room: Room = async (size) => {
      await turn;
      // Read again, it already has its turn, and may be what all others wait for.
      if (mine === 0) await this.free(size);
      this.held += size - mine;
      mine = size;
      grant();
    };
    const { smallFile } = this.limits;
    const file = (
      step.kind === "unchanged"
        ? askAbout(this.source, step.entry, smallFile, room)
        : readFile(this.source, step.line.key, smallFile, room)
    ).then((read) => {
      if (read.kind === "large") {
        large = true;
        this.largeInSight++;
        this.window = 1;
      } else {
        this.window = Math.min(2 * this.window, this.limits.files);
      }
      return read;
    });
    file.catch(grant); // the failure itself surfaces when the step's turn comes
    this.reading.add(file);
    const done = (): void => {
      this.reading.delete(file);
      this.held -= mine;
      if (large) this.largeInSight--;
      this.wake();
    };
    return { step, file, done };
  }

  private async *shift(): AsyncGenerator<WorkItem> {
    const item = this.queue.shift();
    if (item === undefined) return;
    yield item;
    item.done?.();
  }

  private async free(size: number): Promise<void> {
    while (this.held > 0 && this.held + size > this.limits.bytes && !this.stopped) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    if (this.stopped) throw new Stopped("Reading ahead has been given up.");
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
