/** Where a state may lead within its scope. */
import type { State } from "../../lib/workflows/asl";

export const nextsOf = (state: State): readonly string[] => {
  const choices = (state["Choices"] ?? []) as readonly { readonly Next: string }[];
  const catchers = (state["Catch"] ?? []) as readonly { readonly Next: string }[];
  const all = [state["Next"], state["Default"], ...[...choices, ...catchers].map(({ Next }) => Next)];
  return [...new Set(all.filter((next) => typeof next === "string"))];
};

/** Only by a catcher, and not also otherwise. */
export const nextsAfterFailure = (state: State): readonly string[] =>
  nextsOf(state).filter((next) => next !== state["Next"] && next !== state["Default"]);
