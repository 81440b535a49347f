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

/** Where roles are missing: what they owned is the database's owner's; what they might do, or let others do, nobody may. */
export const withoutRoles = (state: DatabaseState, missing: readonly string[], owner: string): DatabaseState => {
  const lost = missing.map((role) => `role:${role}`);
  const isLost = (value: unknown): boolean => typeof value === "string" && lost.includes(value);
  const names = (entry: string): boolean =>
    lost.some((role) => entry.startsWith(`${role}=`) || entry.endsWith(`/${role}`));
  const grantedByOwner = (entry: string): string =>
    entry.replace(/\/(role:.*)$/, (given, role: string) => (isLost(role) ? `/role:${owner}` : given));
  const closedViews = new Set(
    state.rows
      .filter(({ catalog, row }) => catalog === "pg_class" && isViewOf(row, isLost))
      .map(({ row }) => `${String(row["relnamespace"])}.${String(row["relname"])}`),
  );
  const withoutRole = ({ catalog, row }: CatalogRow): CatalogRow => {
    // Whoever owns it now may do other things, or see other rows, than who did, so nobody else may use it.
    const isClosed =
      (catalog === "pg_proc" && row["prosecdef"] === true && isLost(row["proowner"])) ||
      (catalog === "pg_class" && isViewOf(row, isLost)) ||
      (catalog === "pg_attribute" && closedViews.has(String(row["attrelid"])));
    return {
      catalog,
      row: Object.fromEntries(
        Object.entries(row).map(([name, value]) => {
          if (isLost(value)) return [name, `role:${owner}`];
          if (!name.endsWith("acl") || !Array.isArray(value)) return [name, value];
          // Of a column's table the owner grants.
          if (name === "attacl")
            return [name, isClosed ? [] : value.map(grantedByOwner).filter((entry) => !names(entry))];
          return [name, value.filter((entry: string) => !names(entry) && (!isClosed || entry.startsWith("owner=")))];
        }),
      ),
    };
  };
  const ownOf: Readonly<Record<string, string>> = { pg_default_acl: "defaclrole", pg_user_mapping: "umuser" };
  return {
    ...state,
    rows: state.rows.filter(({ catalog, row }) => !isLost(row[ownOf[catalog] ?? ""])).map(withoutRole),
    text: [],
  };
};

/** A view acts with its owner's rights unless it says otherwise. */
const isViewOf = (row: CatalogRow["row"], isLost: (value: unknown) => boolean): boolean =>
  (row["relkind"] === "v" || row["relkind"] === "m") &&
  isLost(row["relowner"]) &&
  !JSON.stringify(row["reloptions"] ?? "").includes("security_invoker");

/** The published form of a dump holds neither owners nor privileges. */
export const published = ({ rows, contents }: DatabaseState): DatabaseState => ({
  rows: rows.filter((one) => !NOT_PUBLISHED.has(one.catalog) && !isOfPostgres(one)).map(withoutOwner),
  contents,
  text: [],
});
const NOT_PUBLISHED = new Set(["pg_default_acl", "pg_init_privs"]);

const withoutOwner = ({ catalog, row }: CatalogRow): CatalogRow => ({
  catalog,
  row: Object.fromEntries(Object.entries(row).filter(([name]) => !/owner$|acl$|^datdba$/.test(name))),
});

/** Stands in every database; only privileges on it can have been changed. */
const isOfPostgres = ({ row }: CatalogRow): boolean =>
  row["relnamespace"] === "pg_catalog" ||
  row["pronamespace"] === "pg_catalog" ||
  row["order"] === 0 ||
  String(row["attrelid"]).startsWith("pg_catalog.");
