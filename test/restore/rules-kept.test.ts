/** What will be otherwise at the target: each rule at its edges, and what it says. */
import type { TargetPreflight } from "../../lambda/catalog/items";
import type { TargetDetails } from "../../lambda/catalog/target-details";
import { keptWarnings } from "../../lambda/restore/rules-kept";
import type { DatabaseEntry, DatabaseLocale, DatabaseProperties } from "../../lambda/snapshot/manifest";

const properties: DatabaseProperties = {
  owner: "shop",
  comment: null,
  connectionLimit: -1,
  settings: [],
  grants: null,
};
const C: DatabaseLocale = { provider: "libc", name: "C", rules: "", version: null };
const details = {
  login: { name: "master", superuser: false, sessionsLeft: null, validUntil: null },
  tablespaces: [{ name: "pg_default", usable: true }],
  extensionVersions: { plpgsql: ["1.0"], postgis: ["3.5", "3.6"], gone: [] },
  locale: C,
  properties,
} as unknown as TargetDetails;
const database = {
  collate: "C",
  ctype: "C",
  extensions: [{ name: "plpgsql", version: "1.0" }],
  properties,
} as unknown as DatabaseEntry;
const preflight = { owner: "shop", ctype: "C", roles: ["shop", "reader"] } as unknown as TargetPreflight;
interface Change {
  readonly database?: Partial<DatabaseEntry>;
  readonly details?: Partial<TargetDetails>;
  readonly preflight?: Partial<TargetPreflight>;
}
const warned = (change: Change): string[] =>
  keptWarnings(
    { ...database, ...change.database },
    { ...preflight, details: { ...details, ...change.details }, ...change.preflight },
    "the target's database shop",
  ).map(({ code, message }) => `${code}: ${message}`);
const mayBecome = (...roles: string[]): Partial<TargetDetails> => ({ login: { ...details.login, mayBecome: roles } });

describe("roles", () => {
  const missing = (names: string): string =>
    `RightsOfMissingRoles: The server of the target's database shop lacks roles that the snapshot's database knows (${names}): what they own goes to the database's owner, shop, and what was granted to them is left out.`;
  const outOfReach = (names: string): string =>
    `OwnersOutOfReach: The user registered for the target's database shop (master) may not act for roles that own something in the snapshot's database (${names}): what they own goes to the database's owner, shop, unless it is granted those roles first.`;

  test.each<[string, Change, string[]]>([
    ["one that is granted something", { database: { roles: ["auditor", "reader"] } }, [missing("auditor")]],
    ["each once", { database: { roles: ["auditor"], owners: ["auditor", "clerk"] } }, [missing("auditor, clerk")]],
    ["everybody is no role", { database: { roles: ["PUBLIC", "public"] } }, []],
    ["the snapshot's owner becomes the target's", { database: { roles: ["old"], owners: ["old"], owner: "old" } }, []],
    [
      "but not where the target's has a part of its own",
      { database: { roles: ["old", "shop"], owner: "old" } },
      [missing("old")],
    ],
    [
      "nor where it owns something of its own",
      { database: { roles: ["old"], owners: ["shop"], owner: "old" } },
      [missing("old")],
    ],
    [
      "an owner that the login may not become",
      { database: { owners: ["reader", "shop"] }, details: mayBecome("shop") },
      [outOfReach("reader")],
    ],
    ["an owner that it may become", { database: { owners: ["reader"] }, details: mayBecome("reader") }, []],
    ["nobody knows what it may become", { database: { owners: ["reader"] } }, []],
    [
      "an owner that is missing is out of reach anyway",
      { database: { owners: ["clerk"] }, details: mayBecome() },
      [missing("clerk")],
    ],
    [
      "the database's owner is out of nobody's reach",
      { database: { owners: ["reader"], owner: "reader" }, details: mayBecome() },
      [],
    ],
    [
      "one that only has rights need not be become",
      { database: { roles: ["reader"], owners: ["shop"] }, details: mayBecome("shop") },
      [],
    ],
  ])("%s", (_, change, expected) => {
    expect(warned(change)).toStrictEqual(expected);
  });
});

describe("collation", () => {
  const differs = (before: string, now: string): string =>
    `CollationDiffers: The snapshot's database sorts its text by ${before}, the target's database shop by ${now}: the restored one sorts as the target does, so ranges, unique text and what ORDER BY gives may differ.`;
  const german: DatabaseLocale = { provider: "libc", name: "de_DE.UTF-8", rules: "", version: "2.36" };
  const icu: DatabaseLocale = { provider: "icu", name: "de", rules: "", version: "153.1" };

  test.each<[string, Change, string[]]>([
    ["nothing is known of the snapshot's", { database: { collate: "", ctype: "" }, details: { locale: german } }, []],
    ["a name alone that is the same", { database: { collate: "POSIX", ctype: "POSIX" } }, []],
    [
      "a name alone that differs",
      { database: { collate: "de_DE.UTF-8", ctype: "de_DE.UTF-8" } },
      [differs("libc's de_DE.UTF-8", "libc's C")],
    ],
    [
      "one name in two spellings",
      {
        database: { collate: "de_DE.utf8", ctype: "de_DE.utf8" },
        details: { locale: german },
        preflight: { ctype: "de_DE.UTF-8" },
      },
      [],
    ],
    [
      "another encoding",
      {
        database: { collate: "de_DE.latin1", ctype: "de_DE.UTF-8" },
        details: { locale: german },
        preflight: { ctype: "de_DE.UTF-8" },
      },
      [differs("libc's de_DE.latin1 (character classes: de_DE.UTF-8)", "libc's de_DE.UTF-8")],
    ],
    [
      "one name, and no encoding",
      { database: { collate: "de_DE" }, details: { locale: german } },
      [differs("libc's de_DE (character classes: C)", "libc's de_DE.UTF-8 (character classes: C)")],
    ],
    [
      "other character classes alone",
      { preflight: { ctype: "de_DE" } },
      [differs("libc's C", "libc's C (character classes: de_DE)")],
    ],
    [
      "another provider of one name",
      { database: { locale: { ...C, provider: "builtin" } } },
      [differs("builtin's C", "libc's C")],
    ],
    [
      "other rules alone",
      { database: { locale: { ...icu, rules: "&a < b" } }, details: { locale: icu } },
      [differs("ICU's de with the rules &a < b (character classes: C)", "ICU's de (character classes: C)")],
    ],
    ["one version", { database: { locale: icu }, details: { locale: icu } }, []],
    [
      "another version",
      { database: { locale: icu }, details: { locale: { ...icu, version: "153.2" } } },
      [
        "CollationVersionDiffers: The snapshot's database sorts its text by version 153.1 of ICU's de (character classes: C), the server of the target's database shop by version 153.2: some text may sort otherwise than before.",
      ],
    ],
    ["a version here alone", { database: { locale: icu }, details: { locale: { ...icu, version: null } } }, []],
    ["a version there alone", { database: { locale: { ...icu, version: null } }, details: { locale: icu } }, []],
    ["a version of which the snapshot knows nothing", { details: { locale: { ...C, version: "2.36" } } }, []],
  ])("%s", (_, change, expected) => {
    expect(warned(change)).toStrictEqual(expected);
  });
});

describe("extensions and tablespaces", () => {
  const extensions = (...versions: [string, string][]): Change => ({
    database: { extensions: versions.map(([name, version]) => ({ name, version })) },
  });
  test.each<[string, Change, string[]]>([
    ["a version that is offered", extensions(["postgis", "3.6"]), []],
    ["no version is known", extensions(["postgis", ""]), []],
    ["not offered at all, which is a refusal", extensions(["hstore", "1.8"], ["gone", "1"]), []],
    [
      "versions that are not offered",
      extensions(["postgis", "3.4"], ["plpgsql", "1.1"], ["postgis", "3.5"]),
      [
        "ExtensionVersionsDiffer: The server of the target's database shop doesn't offer the versions of the snapshot's extensions (postgis 3.4, there 3.5, 3.6, plpgsql 1.1, there 1.0): its own default version is installed.",
      ],
    ],
    ["a tablespace that may be used", { database: { tablespaces: ["pg_default"] } }, []],
    [
      "tablespaces that are not there, or forbidden",
      {
        database: { tablespaces: ["fast", "slow", "pg_default"] },
        details: { tablespaces: [...details.tablespaces, { name: "slow", usable: false }] },
      },
      [
        "TablespacesMissing: The server of the target's database shop lacks tablespaces of the snapshot's database, or lets the registered user put nothing there (fast, slow): what lies in them is restored to the default one.",
      ],
    ],
  ])("%s", (_, change, expected) => {
    expect(warned(change)).toStrictEqual(expected);
  });
});

describe("what stays with a database", () => {
  const differ = (...lines: string[]): string[] => [
    `DatabasePropertiesDiffer: Settings, privileges, connection limit and comment of a database stay with the target's, the target's database shop, and the snapshot's were others (${lines.join(", ")}): set by hand what should be as it was.`,
  ];
  const before = (change: Partial<DatabaseProperties>): Change => ({
    database: { properties: { ...properties, ...change } },
  });
  const grants = [
    { grantee: null, privilege: "CONNECT", grantable: false },
    { grantee: null, privilege: "TEMPORARY", grantable: false },
    { grantee: "shop", privilege: "CREATE", grantable: false },
    { grantee: "shop", privilege: "CONNECT", grantable: false },
    { grantee: "shop", privilege: "TEMPORARY", grantable: false },
  ];
  test.each<[string, Change, string[]]>([
    ["nothing is known", { database: { properties: undefined }, details: { properties } }, []],
    ["grants spelled out that nobody has touched", before({ grants }), []],
    [
      "grants",
      before({ grants: [...grants.slice(1), { grantee: "reader", privilege: "CREATE", grantable: true }] }),
      differ("the snapshot's has CREATE for reader with grant option", "the target's has CONNECT for everybody"),
    ],
    [
      "settings, of all and of one role",
      before({
        settings: [
          { role: null, config: ["jit=off"] },
          { role: "reader", config: ["jit=on"] },
          { role: "shop", config: ["work_mem=4MB"] },
        ],
      }),
      differ(
        "the snapshot's has jit=off",
        "the snapshot's has jit=on for reader",
        "the snapshot's has work_mem=4MB for its owner",
      ),
    ],
    ["a connection limit", before({ connectionLimit: 0 }), differ("the snapshot's has a connection limit of 0")],
    [
      "a comment",
      before({ comment: 'the "live" one' }),
      differ('the snapshot\'s has the comment "the \\"live\\" one"'),
    ],
    [
      "the target's alone",
      { details: { properties: { ...properties, connectionLimit: 7, comment: "" } } },
      differ("the target's has a connection limit of 7", 'the target\'s has the comment ""'),
    ],
    ["another owner", before({ owner: "old" }), []],
  ])("%s", (_, change, expected) => {
    expect(warned(change)).toStrictEqual(expected);
  });
});

test("nothing is told where an earlier version has looked at the target", () => {
  expect(keptWarnings({ ...database, roles: ["auditor"] }, preflight, "the database")).toStrictEqual([]);
});
