/** The roles that a row-level security policy names, out of its definition as pg_dump writes it. Pure. */

/**
 * `CREATE POLICY name ON schema.table [AS …] [FOR …] [TO role, …] [USING (…)] …`. Roles of PUBLIC are none. A definition
 * of another shape names none that we know of; then the restore itself says which role it lacks.
 */
export function rolesOfPolicy(definition: string): string[] {
  const words = /"(?:[^"]|"")*"|[^\s,.();"]+|[,.();]/g;
  const found: string[] = definition.match(words) ?? [];
  // The policy's and the table's own names may be any words: they come first, and are passed over.
  let at = found.indexOf("ON", 3) + 1;
  if (at === 0 || found[0] !== "CREATE" || found[1] !== "POLICY") return [];
  at += found[at + 1] === "." ? 3 : 1;
  while (found[at] === "AS" || found[at] === "FOR") at += 2;
  if (found[at] !== "TO") return [];
  const roles: string[] = [];
  do {
    const role = found[++at] ?? "";
    if (role !== "PUBLIC") roles.push(role.startsWith('"') ? role.slice(1, -1).replaceAll('""', '"') : role);
  } while (found[++at] === ",");
  return roles.filter((role) => role !== "");
}
