/** Quoting for the statements that take no parameters: CREATE, ALTER, GRANT, SET, COMMENT. */

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Right whatever `standard_conforming_strings` says. */
export const literal = (text: string): string =>
  text.includes("\\")
    ? ` E'${text.replaceAll("\\", String.raw`\\`).replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
