/** The roles that own the example's objects and have privileges on them. `rt_owner` owns the database. */
import { identifier } from "../../../lambda/database-task/sql-text";

const ROLES = ["rt_owner", "rt_app", "rt_reader", "rt_admin", 'rt "odd" röle', "rt_user"];
const MEMBERS = [["rt_app", "rt_admin"]] as const;

export const rolesSql = (missing: readonly string[] = []): string => {
  const made = ROLES.filter((role) => !missing.includes(role));
  return [
    ...made.map((role) => `CREATE ROLE ${identifier(role)} LOGIN`),
    ...MEMBERS.filter((pair) => pair.every((role) => made.includes(role))).map(
      ([role, member]) => `GRANT ${role} TO ${member}`,
    ),
  ].join("; ");
};
