/**
 * What a role has passed on stands, though the role may no longer come near the object's schema; to pass it on anew it
 * must. So it may use the schema meanwhile, and the schemas' own grants, which say what is to last, come behind all
 * others. Pure.
 */
import { identifier } from "../database-task/sql-text";
import { madeEntry } from "./made-entry";
import type { TocEntry } from "./toc";

/** `schemas`: those of the dump and their owners, who come in anyway. `grants` as `acl-for-target.ts` makes them, in the order in which all of them can be made. */
export function withGrantorsWay(
  grants: readonly TocEntry[],
  schemas: ReadonlyMap<string, string | undefined>,
  model: TocEntry,
): readonly TocEntry[] {
  const ways = new Map<string, readonly [schema: string, role: string]>();
  for (const { definition = "", namespace = "" } of grants) {
    const [, role] = PASSED_ON.exec(definition) ?? [];
    const owner = identifier(schemas.get(namespace) ?? "");
    if (role !== undefined && role !== owner && schemas.has(namespace))
      ways.set(`${namespace} ${role}`, [identifier(namespace), role]);
  }
  const all = (statement: (schema: string, role: string) => string): TocEntry[] =>
    [...ways.values()].map(([schema, role]) => madeEntry(`${statement(schema, role)};\n`, model));
  return [
    ...all((schema, role) => `GRANT USAGE ON SCHEMA ${schema} TO ${role}`),
    ...grants.filter((entry) => !ofSchema(entry)),
    ...all((schema, role) => `REVOKE USAGE ON SCHEMA ${schema} FROM ${role}`),
    ...grants.filter(ofSchema),
  ];
}

const PASSED_ON = /^SET ROLE ("(?:[^"]|"")*");\n/;
const ofSchema = ({ tag = "" }: TocEntry): boolean => tag.startsWith("SCHEMA ");
