/** PostgreSQL's version numbers. Pure. */

/** `15.14 (Debian …)` → 15. */
export const majorOf = (version: string): number => Number(/^\d+/.exec(version)?.[0] ?? 0);
