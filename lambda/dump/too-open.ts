/** What acts with its owner's rights, and could do or show more with another owner's than it could before. Pure. */
import type { RoleMapping } from "./target-roles";
import type { TocEntry } from "./toc";

/** Its owner is another role now, or one with a superuser's rights: then nobody but the owner is given anything. */
export const isTooOpen = (entry: TocEntry, { same, owner, target }: RoleMapping): boolean => {
  const { owner: before = "" } = entry;
  if (before === "" || !actsAsOwner(entry)) return false;
  const now = owner(before);
  return !same(before) || (now !== before && target.roles.get(now)?.superuser === true);
};

const actsAsOwner = ({ kind, definition = "" }: TocEntry): boolean => {
  // Of texts in it, such as defaults of arguments, nothing is a trait.
  const traits = definition.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, "");
  switch (kind) {
    case "FUNCTION":
    case "PROCEDURE":
      return /\bSECURITY DEFINER\b/.test(traits.split(/\n {4}(?:AS|RETURN|BEGIN ATOMIC)\b/, 1)[0] ?? "");
    case "VIEW":
      return !/^CREATE VIEW \S* ?WITH \([^)]*security_invoker/.test(traits);
    case "MATERIALIZED VIEW":
      return true;
    default:
      return false;
  }
};
