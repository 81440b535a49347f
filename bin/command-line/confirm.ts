/** What can't be undone is confirmed by the environment's name: typed at a terminal, or given with `--confirm`. */
import { CommandFailure, type Surroundings } from "./surroundings";

export const CONFIRM = "--confirm <environment>";

export interface Destruction {
  /** Of the environment that loses something: what has to be typed. */
  readonly name: string;
  /** What will happen, as a sentence. */
  readonly what: string;
}

/** Throws CommandFailure (2) before anything is asked for or changed. */
export async function confirmed(
  { confirm }: { readonly confirm?: string | undefined },
  { ask }: Pick<Surroundings, "ask">,
  { name, what }: Destruction,
): Promise<void> {
  if (confirm === name) return;
  if (confirm !== undefined)
    throw new CommandFailure(2, [`--confirm says ${confirm}, and the environment is ${name}; nothing was changed.`]);
  const typed = await ask(`${what}\nType the environment's name, ${name}, to go on: `);
  if (typed === undefined)
    throw new CommandFailure(2, [`${what} Add --confirm ${name} if that is meant; nothing was changed.`]);
  if (typed.trim() === name) return;
  throw new CommandFailure(2, [`That is not ${name}; nothing was changed.`]);
}
