/** Looks at something again and again until it has ended. Whatever ends the looking ends only that. */
import { CommandFailure, type Surroundings } from "./surroundings";

const POLL_MS = 5_000;

export interface Following<T> {
  readonly begun: T;
  readonly look: () => Promise<T>;
  readonly hasEnded: (found: T) => boolean;
  /** Told each time, also of what was begun. */
  readonly onLook?: (found: T) => void;
  readonly limitSeconds: number;
  /** What goes on by itself, such as `Restore 7`; and how to look later. */
  readonly what: string;
  readonly later: string;
}

/** Throws CommandFailure (1) with how to look later, when time runs out and when it can't be looked at. */
export async function follow<T>(
  { begun, look, hasEnded, onLook, limitSeconds, what, later }: Following<T>,
  { now, sleep }: Pick<Surroundings, "now" | "sleep">,
): Promise<T> {
  const deadline = now().getTime() + limitSeconds * 1000;
  let found = begun;
  for (;;) {
    onLook?.(found);
    if (hasEnded(found)) return found;
    if (now().getTime() >= deadline)
      throw new CommandFailure(1, [`${what} has not ended within ${limitSeconds} seconds.`, later]);
    await sleep(POLL_MS);
    try {
      found = await look();
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new CommandFailure(1, [...error.sentences, later], { cause: error });
    }
  }
}
