/** Owners, grants, grants passed on, revocations and default privileges. */
import { literal } from "../../../lambda/database-task/sql-text";
import { type Dice, oddText } from "./dice";
import type { MadeObject } from "./code";

/** Quoted. None of them may log in as a superuser; `fuzz_master` is a member of all. */
export const RANDOM_ROLES = ["fuzz_a", "fuzz_b", '"fuzz ""C"" ü"', '"fuzz d;"'];

export const randomRights = (dice: Dice, { object, privileges, hasOwner }: MadeObject): string[] => {
  const owner = dice.one(RANDOM_ROLES);
  const others = RANDOM_ROLES.filter((role) => role !== owner);
  const granted = object.replace(/^(MATERIALIZED VIEW|VIEW)/, "TABLE").replace(/^DOMAIN/, "TYPE");
  const commented = object.startsWith("FUNCTION") && object.endsWith("(integer)") ? "" : object;
  const [passing, receiving] = [dice.one(others), dice.one(others)];
  const privilege = privileges.length > 0 ? dice.one(privileges) : "";
  return [
    ...(hasOwner && dice.chance(60)
      ? [`ALTER ${object.startsWith("FUNCTION") ? object.replace("FUNCTION", "ROUTINE") : object} OWNER TO ${owner}`]
      : []),
    ...(privileges.length > 0 && dice.chance(40)
      ? [`GRANT ${dice.one(privileges)} ON ${granted} TO ${dice.one([...others, "PUBLIC"])}`]
      : []),
    // A member may not read a large object that its owner has closed.
    ...(privileges.length > 0 && !object.startsWith("LARGE OBJECT") && dice.chance(25)
      ? [`REVOKE ALL ON ${granted} FROM ${dice.one(["PUBLIC", owner])}`]
      : []),
    ...(privilege !== "" && dice.chance(20)
      ? [
          `GRANT ${privilege} ON ${granted} TO ${passing} WITH GRANT OPTION`,
          `SET ROLE ${passing}`,
          `GRANT ${privilege} ON ${granted} TO ${receiving === passing ? "PUBLIC" : receiving}`,
          "RESET ROLE",
        ]
      : []),
    ...(commented !== "" && dice.chance(30) ? [`COMMENT ON ${commented} IS ${literal(oddText(dice))}`] : []),
  ];
};

export const randomDefaults = (dice: Dice, schemas: readonly string[]): string[] =>
  dice.times(4, () => {
    const where = `ALTER DEFAULT PRIVILEGES FOR ROLE ${dice.one(RANDOM_ROLES)}${dice.chance(60) ? ` IN SCHEMA ${dice.one(schemas)}` : ""}`;
    const what = dice.one([
      "GRANT SELECT, UPDATE ON TABLES",
      "GRANT USAGE ON SEQUENCES",
      "GRANT EXECUTE ON FUNCTIONS",
      "GRANT USAGE ON TYPES",
    ]);
    return dice.chance(75)
      ? `${where} ${what} TO ${dice.one([...RANDOM_ROLES, "PUBLIC"])}`
      : `${where.replace(/ IN SCHEMA .*/s, "")} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`;
  });
