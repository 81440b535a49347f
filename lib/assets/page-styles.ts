/**
 * Splits the page's styles as its scripts are split: what the first view needs, and what is loaded later. esbuild by
 * itself puts the styles of lazily loaded modules into the entry point's file too.
 */
import type { Metafile } from "esbuild";

export interface StyleLists {
  readonly first: readonly string[];
  readonly later: readonly string[];
}

export const splitStyles = (inputs: Metafile["inputs"], entry: string): StyleLists => {
  const first = reach(inputs, [entry], false);
  const later = reach(inputs, [entry], true);
  const styles = [...later].filter((path) => path.endsWith(".css"));
  return {
    first: [...first].filter((path) => path.endsWith(".css")),
    later: styles.filter((path) => !first.has(path)),
  };
};

/** Modules in the order in which they are evaluated: what a module imports comes before it. */
const reach = (inputs: Metafile["inputs"], entries: readonly string[], dynamic: boolean): Set<string> => {
  const done = new Set<string>();
  const visited = new Set<string>();
  const visit = (path: string): void => {
    if (visited.has(path)) return;
    visited.add(path);
    const imports = (inputs[path]?.imports ?? []).filter(({ external }) => external !== true);
    for (const one of imports) if (one.kind !== "dynamic-import") visit(one.path);
    done.add(path);
    if (dynamic) for (const one of imports) if (one.kind === "dynamic-import") visit(one.path);
  };
  entries.forEach(visit);
  return done;
};
