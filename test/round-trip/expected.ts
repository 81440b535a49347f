/** What a copy should be like where it can't be the same: pure functions of what was backed up; see `may-differ.ts`. */
import type { CatalogRow } from "./catalog-rows";
import type { DatabaseState } from "./compare";

const OF_THE_DATABASE = new Set(["pg_database", "pg_db_role_setting"]);

/** At another environment: what belongs to the database itself is the target's, as it was before. */
export const elsewhere = (source: DatabaseState, target: DatabaseState): DatabaseState => ({
  ...source,
  rows: [
    ...source.rows.filter(({ catalog }) => !OF_THE_DATABASE.has(catalog)),
    ...target.rows.filter(({ catalog }) => OF_THE_DATABASE.has(catalog)),
  ],
});

/** Where roles are missing: what they owned is another's, what they might do nobody may. */
export const withoutRoles = (state: DatabaseState, missing: readonly string[]): DatabaseState => ({
  ...state,
  rows: state.rows,
  text: missing.length === 0 ? state.text : [],
});

/** Owners and privileges are not in the published form of a dump. */
export const published = ({ rows, contents }: DatabaseState): DatabaseState => ({
  rows: rows.filter(({ catalog }) => !NOT_PUBLISHED.has(catalog)).map(withoutOwner),
  contents,
  text: [],
});
const NOT_PUBLISHED = new Set(["pg_default_acl", "pg_init_privs"]);

const withoutOwner = ({ catalog, row }: CatalogRow): CatalogRow => ({
  catalog,
  row: Object.fromEntries(Object.entries(row).filter(([name]) => !/owner$|acl$|^datdba$/.test(name))),
});
