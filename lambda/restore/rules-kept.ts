/**
 * What of the snapshot's database will be otherwise at the target, each told with both sides: its collation, extension
 * versions, tablespaces, roles, and the properties that stay with a database and are in no dump. Pure.
 */
import type { TargetPreflight } from "../catalog/items";
import type { TargetDetails } from "../catalog/target-details";
import type { DatabaseEntry, DatabaseLocale, DatabaseProperties } from "../snapshot/manifest";
import type { PlanFinding as Finding } from "./plan-findings";
import { lacking, named } from "./words";

export const keptWarnings = (database: DatabaseEntry, preflight: TargetPreflight, where: string): Finding[] => {
  const { details } = preflight;
  if (details === undefined) return [];
  return [
    ...roleWarnings(database, preflight, details, where),
    ...collationWarnings(database, preflight, details.locale, where),
    ...extensionWarnings(database, details, where),
    ...tablespaceWarnings(database, details, where),
    ...propertiesWarnings(database.properties, details.properties, where),
  ];
};

/** By the rule of the fill: one environment's owner becomes the other's, unless that one has a part of its own. */
const roleWarnings = (
  { roles = [], owners = [], owner = "" }: DatabaseEntry,
  preflight: TargetPreflight,
  { login }: TargetDetails,
  where: string,
): Finding[] => {
  const known = [...roles, ...owners];
  const own = known.includes(preflight.owner) ? undefined : owner;
  const isOther = (role: string): boolean => role !== own && role.toLowerCase() !== "public";
  const missing = [...new Set(lacking(known, preflight.roles))].filter(isOther);
  const outOfReach = lacking(lacking(owners, missing), login.mayBecome ?? owners).filter(isOther);
  const found: (Finding | false)[] = [
    missing.length > 0 && {
      code: "RightsOfMissingRoles",
      message: `The server of ${where} lacks roles that the snapshot's database knows (${named(missing)}): what they own goes to the database's owner, ${preflight.owner}, and what was granted to them is left out.`,
    },
    outOfReach.length > 0 && {
      code: "OwnersOutOfReach",
      message: `The user registered for ${where} (${login.name}) may not act for roles that own something in the snapshot's database (${named(outOfReach)}): what they own goes to the database's owner, ${preflight.owner}, unless it is granted those roles first.`,
    },
  ];
  return found.filter((finding) => finding !== false);
};

const collationWarnings = (
  database: DatabaseEntry,
  preflight: TargetPreflight,
  target: DatabaseLocale,
  where: string,
): Finding[] => {
  // Of an upload, and of a dump from before, only the names are known, or nothing.
  const { locale: source, collate, ctype } = database;
  if (collate === "") return [];
  const { provider, name, rules } = source ?? { provider: "libc", name: collate, rules: "" };
  const same =
    provider === target.provider &&
    rules === target.rules &&
    sameLocale(name, target.name) &&
    sameLocale(ctype, preflight.ctype);
  if (!same) {
    const before = describe({ provider, name, rules }, ctype);
    return [
      {
        code: "CollationDiffers",
        message: `The snapshot's database sorts its text by ${before}, ${where} by ${describe(target, preflight.ctype)}: the restored one sorts as the target does, so ranges, unique text and what ORDER BY gives may differ.`,
      },
    ];
  }
  if (source === undefined || source.version === target.version || source.version === null || target.version === null)
    return [];
  return [
    {
      code: "CollationVersionDiffers",
      message: `The snapshot's database sorts its text by version ${source.version} of ${describe(source, ctype)}, the server of ${where} by version ${target.version}: some text may sort otherwise than before.`,
    },
  ];
};

/** `en_US.utf8` and `en_US.UTF-8` are one, and so are C and POSIX. */
const sameLocale = (a: string, b: string): boolean => spelled(a) === spelled(b);
const spelled = (name: string): string => {
  const [locale = "", encoding] = name.split(".");
  const plain = locale === "POSIX" ? "C" : locale;
  return encoding === undefined ? plain : `${plain}.${encoding.toLowerCase().replaceAll(/[^a-z0-9]/g, "")}`;
};

const describe = ({ provider, name, rules }: Omit<DatabaseLocale, "version">, ctype: string): string => {
  const how = `${provider === "icu" ? "ICU" : provider}'s ${name}${rules === "" ? "" : ` with the rules ${rules}`}`;
  return ctype === name ? how : `${how} (character classes: ${ctype})`;
};

const extensionWarnings = ({ extensions }: DatabaseEntry, details: TargetDetails, where: string): Finding[] => {
  const otherwise = extensions.flatMap(({ name, version }) => {
    // One that is not offered at all is a refusal; of an upload's no version is known.
    const offered = details.extensionVersions[name] ?? [];
    const differs = version !== "" && offered.length > 0 && !offered.includes(version);
    return differs ? [`${name} ${version}, there ${named(offered)}`] : [];
  });
  if (otherwise.length === 0) return [];
  return [
    {
      code: "ExtensionVersionsDiffer",
      message: `The server of ${where} doesn't offer the versions of the snapshot's extensions (${named(otherwise)}): its own default version is installed.`,
    },
  ];
};

const tablespaceWarnings = (
  { tablespaces = [] }: DatabaseEntry,
  { tablespaces: there }: TargetDetails,
  where: string,
): Finding[] => {
  const missing = lacking(
    tablespaces,
    there.filter(({ usable }) => usable).map(({ name }) => name),
  );
  if (missing.length === 0) return [];
  return [
    {
      code: "TablespacesMissing",
      message: `The server of ${where} lacks tablespaces of the snapshot's database, or lets the registered user put nothing there (${named(missing)}): what lies in them is restored to the default one.`,
    },
  ];
};

const propertiesWarnings = (
  source: DatabaseProperties | undefined,
  target: DatabaseProperties,
  where: string,
): Finding[] => {
  if (source === undefined) return [];
  const [before, now] = [linesOf(source), linesOf(target)];
  const differ = [
    ...lacking(before, now).map((line) => `the snapshot's has ${line}`),
    ...lacking(now, before).map((line) => `the target's has ${line}`),
  ];
  if (differ.length === 0) return [];
  return [
    {
      code: "DatabasePropertiesDiffer",
      message: `Settings, privileges, connection limit and comment of a database stay with the target's, ${where}, and the snapshot's were others (${named(differ)}): set by hand what should be as it was.`,
    },
  ];
};

/** Everything that may differ, a line each. The owner goes by no name: each environment has its own. */
const linesOf = ({ owner, comment, connectionLimit, settings, grants }: DatabaseProperties): string[] => {
  const who = (role: string): string => (role === owner ? "its owner" : role);
  const all = grants ?? defaultGrants(owner);
  return [
    ...settings.flatMap(({ role, config }) =>
      config.map((line) => `${line}${role === null ? "" : ` for ${who(role)}`}`),
    ),
    ...all.map(
      ({ grantee, privilege, grantable }) =>
        `${privilege} for ${grantee === null ? "everybody" : who(grantee)}${grantable ? " with grant option" : ""}`,
    ),
    ...(connectionLimit === -1 ? [] : [`a connection limit of ${connectionLimit}`]),
    ...(comment === null ? [] : [`the comment ${JSON.stringify(comment)}`]),
  ];
};

/** What a database has whose privileges were never touched. */
const defaultGrants = (owner: string): NonNullable<DatabaseProperties["grants"]> => [
  ...["CONNECT", "TEMPORARY"].map((privilege) => ({ grantee: null, privilege, grantable: false })),
  ...["CREATE", "CONNECT", "TEMPORARY"].map((privilege) => ({ grantee: owner, privilege, grantable: false })),
];
