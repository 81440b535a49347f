/** How an extension of a dump is made at a target: in the snapshot's version, for its owner, where the server lets us. Pure. */
import { identifier, literal } from "../database-task/sql-text";
import type { TocEntry } from "./toc";

export interface ExtensionPlan {
  /** Null: the server's default. */
  readonly version: string | null;
  /** The role that makes it, and so owns it: an extension is given to nobody later. Null: the login. */
  readonly maker: string | null;
}

export function extensionFor(
  entry: TocEntry,
  plan: ExtensionPlan | undefined,
  { database, owner }: { readonly database: string; readonly owner: string },
): TocEntry {
  const { definition = "" } = entry;
  if (plan === undefined) return entry;
  const version = plan.version === null ? "" : ` VERSION ${literal(plan.version).trim()}`;
  const create = definition.replace(/;\s*$/, () => `${version};\n`);
  if (plan.maker === null) return { ...entry, definition: create };
  const maker = identifier(plan.maker);
  const place = `CREATE ON DATABASE ${identifier(database)}`;
  if (plan.maker === owner) return { ...entry, definition: `SET ROLE ${maker};\n${create}RESET ROLE;\n` };
  return {
    ...entry,
    definition: `GRANT ${place} TO ${maker};\nSET ROLE ${maker};\n${create}RESET ROLE;\nREVOKE ${place} FROM ${maker};\n`,
  };
}
