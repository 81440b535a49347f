import { aclForTarget } from "../../lambda/dump/acl-for-target";
import { aclStatements, statementsOf, withRole } from "../../lambda/dump/acl-statements";
import { dumpRuns } from "../../lambda/dump/dump-runs";
import { forTarget } from "../../lambda/dump/for-target";
import { noNotes, notesAsFindings } from "../../lambda/dump/fill-notes";
import { mapRoles, type TargetRole } from "../../lambda/dump/target-roles";
import type { TocEntry } from "../../lambda/dump/toc";

const entry = (kind: string, tag: string, change: Partial<TocEntry> = {}): TocEntry => ({
  dumpId: 1,
  hasDumper: 0,
  tableOid: "0",
  oid: "0",
  tag,
  kind,
  section: kind.includes("ACL") ? 1 : 2,
  definition: "",
  drop: `DROP ${kind} ${tag};\n`,
  copy: undefined,
  namespace: "public",
  tablespace: "",
  accessMethod: "",
  relationKind: undefined,
  owner: "app",
  withOids: "false",
  dependencies: [],
  offset: Buffer.alloc(9, 3),
  ...change,
});
const settings = entry("ENCODING", "ENCODING", { owner: "", definition: "SET client_encoding = 'UTF8';\n" });
const roles = (names: Record<string, Partial<TargetRole>>): ReadonlyMap<string, TargetRole> =>
  new Map(Object.entries(names).map(([name, role]) => [name, { superuser: false, usable: true, ...role }]));
const target = (names: Record<string, Partial<TargetRole>>, owner = "db") => ({
  owner,
  roles: roles({ [owner]: {}, ...names }),
});

describe("statements of grants", () => {
  test.each([
    ["GRANT ALL ON TABLE public.t TO app;\n", { role: "app", revokes: false }],
    [
      "REVOKE ALL ON FUNCTION public.f(a integer, VARIADIC b text[]) FROM PUBLIC;\n",
      { role: undefined, revokes: true },
    ],
    [
      'GRANT SELECT("a;b") ON TABLE public."TO x; FROM ""y" TO "Odd "";Role" WITH GRANT OPTION;\n',
      { role: 'Odd ";Role' },
    ],
    ["REVOKE GRANT OPTION FOR SELECT ON TABLE t FROM reader;\n", { role: "reader", revokes: true }],
    ['GRANT USAGE ON SCHEMA "REVOKE" TO GROUP old;\n', { role: "old", revokes: false }],
    [
      'ALTER DEFAULT PRIVILEGES FOR ROLE "a b" IN SCHEMA s REVOKE ALL ON FUNCTIONS  FROM PUBLIC;\n',
      { role: undefined, forRole: "a b", revokes: true },
    ],
    ["SELECT 1;\n", { role: undefined, forRole: undefined, grantor: undefined }],
  ])("%s", (definition, expected) => {
    expect(aclStatements(definition)).toEqual([expect.objectContaining(expected)]);
  });
  test("other grantors' are told from the owner's", () => {
    const found = aclStatements(
      'GRANT A TO x;\nSET SESSION AUTHORIZATION "the; reader";\nGRANT A TO y;\nGRANT B TO z;\nRESET SESSION AUTHORIZATION;\nGRANT C TO w;\n',
    );
    expect(found.map(({ role, grantor }) => [role, grantor])).toEqual([
      ["x", undefined],
      ["y", "the; reader"],
      ["z", "the; reader"],
      ["w", undefined],
    ]);
  });
  test("any names, by chance: what is written is read, and a role can be put in another's place", () => {
    const random = generator(20_261_130);
    const pieces = [
      "a",
      "Z",
      '"',
      "'",
      ";",
      " TO ",
      " FROM ",
      ".",
      ",",
      "(",
      "ü",
      "\n",
      "$",
      "REVOKE ",
      " WITH GRANT OPTION",
    ];
    const name = (): string => Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)]).join("");
    const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    for (let round = 0; round < 2000; round++) {
      const [schema, table, role, other, grantor] = [name(), name(), name(), name(), name()];
      const give = random(2) === 0;
      const option = give && random(2) === 0 ? " WITH GRANT OPTION" : "";
      const what = `${quoted(schema)}.${quoted(table)}(${quoted(name())})`;
      const text = `${give ? "GRANT" : "REVOKE"} ALL(${quoted(name())}) ON TABLE ${what} ${give ? "TO" : "FROM"} ${quoted(role)}${option}`;
      const [found, last] = aclStatements(
        `SET SESSION AUTHORIZATION ${quoted(grantor)};\n${text};\nRESET SESSION AUTHORIZATION;\nGRANT X TO ${quoted(other)};\n`,
      );
      expect(found).toMatchObject({ text, role, grantor, revokes: !give });
      expect(last).toMatchObject({ role: other });
      expect(aclStatements(withRole(text, other))).toMatchObject([{ role: other, revokes: !give }]);
      expect(withRole(text, role)).toBe(text);
      expect(statementsOf(`${text};\n${text};`)).toEqual([text, text]);
    }
  });
});

/** Mulberry32. */
const generator = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

describe("grants at a target", () => {
  const made = (
    definition: string,
    names: Record<string, Partial<TargetRole>>,
    change: Partial<TocEntry> = {},
    ownerNow = "app",
  ) => {
    const acl = entry("ACL", "TABLE t", { definition, ...change });
    const { entries, leftOut } = aclForTarget(acl, mapRoles([acl], target(names)), { ownerNow, closed: false });
    return { made: entries.map((one) => one.definition), leftOut };
  };
  test("never wider: what takes away stays, whoever is missing; what gives to a missing role goes", () => {
    expect(
      made(
        "REVOKE ALL ON FUNCTION f() FROM PUBLIC;\nREVOKE ALL ON FUNCTION f() FROM gone;\nGRANT ALL ON FUNCTION f() TO gone;\nGRANT ALL ON FUNCTION f() TO here;\n",
        { app: {}, here: {} },
      ),
    ).toEqual({
      made: ["REVOKE ALL ON FUNCTION f() FROM PUBLIC;\n", "GRANT ALL ON FUNCTION f() TO here;\n"],
      leftOut: ["gone"],
    });
  });
  test("a grant by a missing role, or by one that the login can't become, goes", () => {
    const by = (who: string) =>
      `SET SESSION AUTHORIZATION ${who};\nGRANT A ON t TO here;\nRESET SESSION AUTHORIZATION;\n`;
    expect(made(by("gone"), { app: {}, here: {} })).toEqual({ made: [], leftOut: ["gone"] });
    expect(made(by("far"), { app: {}, here: {}, far: { usable: false } })).toEqual({ made: [], leftOut: ["far"] });
    expect(made(by("here"), { app: {}, here: {} }).made).toEqual([
      'SET ROLE "here";\nGRANT A ON t TO here;\nRESET ROLE;\n',
    ]);
  });
  test("the owner's own rights are those of who owns it now", () => {
    expect(made("REVOKE ALL ON TABLE t FROM app;\nGRANT SELECT ON TABLE t TO app;\n", {}, {}, "db").made).toEqual([
      'REVOKE ALL ON TABLE t FROM "db";\n',
      'GRANT SELECT ON TABLE t TO "db";\n',
    ]);
  });
  test("default privileges of a missing role go", () => {
    expect(
      made(
        "ALTER DEFAULT PRIVILEGES FOR ROLE gone REVOKE ALL ON FUNCTIONS FROM PUBLIC;\n",
        { app: {} },
        { kind: "DEFAULT ACL" },
      ),
    ).toEqual({ made: [], leftOut: ["gone"] });
  });
});

describe("roles at a target", () => {
  const database = (owner: string) => entry("DATABASE", "source", { owner });
  test("the source's owner becomes the target's, unless that one has a part of its own", () => {
    const table = entry("TABLE", "t", { owner: "prod" });
    const plain = mapRoles([database("prod"), table], target({ prod: {} }, "staging"));
    expect([plain.owner("prod"), plain.grantee("prod"), plain.same("prod")]).toEqual(["staging", "staging", true]);
    for (const own of [
      entry("TABLE", "u", { owner: "staging" }),
      entry("ACL", "TABLE t", { definition: "GRANT SELECT ON TABLE t TO staging;\n" }),
      entry("DEFAULT ACL", "x", {
        definition: "ALTER DEFAULT PRIVILEGES FOR ROLE staging GRANT ALL ON TABLES TO prod;\n",
      }),
    ])
      expect(mapRoles([database("prod"), table, own], target({ prod: {} }, "staging")).owner("prod")).toBe("prod");
  });
  test("an owner whose kind must be a superuser stays with the login where it is none", () => {
    const kinds = ["EVENT TRIGGER", "FOREIGN DATA WRAPPER", "SUBSCRIPTION"];
    const all = [settings, ...kinds.map((kind) => entry(kind, "x", { owner: "root", namespace: undefined }))];
    const at = (root: Partial<TargetRole>) => {
      const given = {
        ...target({ root }),
        database: "d",
        superuser: true,
        mayGrantPublic: true,
        tablespaces: new Set<string>(),
        extensions: new Map(),
      };
      const notes = noNotes();
      const { definitions, eventTriggers } = forTarget(all, given, notes);
      return [...[...eventTriggers, ...definitions].map(({ owner }) => owner), ...notes.owners];
    };
    expect(at({ superuser: true })).toEqual(["root", "root", "root"]);
    expect(at({})).toEqual(["", "", "", "root"]);
    expect(at({ superuser: true, usable: false })).toEqual(["", "", "", "root"]);
  });
});

describe("at a target", () => {
  const given = (names: Record<string, Partial<TargetRole>>) => ({
    ...target(names),
    database: "d",
    superuser: true,
    mayGrantPublic: true,
    tablespaces: new Set<string>(),
    extensions: new Map(),
  });
  test("the schema public of somebody whom the login can't be goes to the database's owner, and that is told", () => {
    const at = (owner: string) => {
      const notes = noNotes();
      const all = [settings, entry("SCHEMA", "public", { owner, namespace: undefined })];
      const { definitions } = forTarget(all, given({ app: {}, far: { usable: false } }), notes);
      return [definitions.map((one) => one.owner), [...notes.owners]];
    };
    expect(at("app")).toEqual([["app"], []]);
    expect(at("far")).toEqual([[""], ["far"]]);
    expect(at("pg_database_owner")).toEqual([[""], []]);
  });
  test("default privileges in another's schema stay those of the role that has them", () => {
    const schema = entry("SCHEMA", "s", { dumpId: 5, owner: "postgres", namespace: undefined });
    const definition = "ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA s GRANT ALL ON FUNCTIONS  TO app;\n";
    const defaults = entry("DEFAULT ACL", "DEFAULT PRIVILEGES FOR FUNCTIONS", { definition, dependencies: ["5"] });
    const { grants } = forTarget([settings, schema, defaults], given({ app: {}, postgres: {} }), noNotes());
    expect(grants.map((one) => one.definition)).toEqual([definition]);
  });
  test("large objects that are alike, as pg_dump 17 writes them: each has its owner and its grants", () => {
    const objects = entry("BLOB METADATA", "100..300", {
      dumpId: 7,
      section: 3,
      owner: "gone",
      namespace: undefined,
      definition: "100\n200\n300\n",
    });
    const acl = entry("ACL", "LARGE OBJECTS 100..300", {
      dumpId: 8,
      owner: "gone",
      namespace: undefined,
      dependencies: ["7"],
      definition:
        'GRANT SELECT ON LARGE OBJECT 100 TO "a; ON LARGE OBJECT 100";\nSET SESSION AUTHORIZATION app;\nGRANT ALL ON LARGE OBJECT 100 TO app;\nRESET SESSION AUTHORIZATION;\n',
    });
    const single = entry("ACL", "LARGE OBJECT 400", {
      dumpId: 9,
      definition: "GRANT ALL ON LARGE OBJECT 400 TO app;\n",
    });
    const notes = noNotes();
    const here = given({ app: {}, "a; ON LARGE OBJECT 100": {} });
    const { data, grants } = forTarget([settings, objects, acl, single], here, notes);
    expect(data.map(({ owner }) => owner)).toEqual(["db"]);
    expect([...notes.owners]).toEqual(["gone"]);
    expect(grants.map(({ definition }) => definition)).toEqual([
      ...[100, 200, 300].map((oid) => `GRANT SELECT ON LARGE OBJECT ${oid} TO "a; ON LARGE OBJECT 100";\n`),
      ...[100, 200, 300].map((oid) => `SET ROLE "app";\nGRANT ALL ON LARGE OBJECT ${oid} TO app;\nRESET ROLE;\n`),
      "GRANT ALL ON LARGE OBJECT 400 TO app;\n",
    ]);
    // Of a dump that names no owners they belong to who owns the database.
    const nobodys = forTarget([settings, { ...objects, owner: "" }], here, noNotes());
    expect(nobodys.data.map(({ owner }) => owner)).toEqual(["db"]);
  });
});

test("a dump is restored part by part: comments with their objects, event triggers last, the database not at all", () => {
  const all = [
    settings,
    entry("DATABASE", "d"),
    entry("ACL", "DATABASE d"),
    entry("COMMENT", "DATABASE d", { section: 1 }),
    entry("TABLE", "t"),
    entry("COMMENT", "TABLE t", { section: 1 }),
    entry("ACL", "TABLE t"),
    entry("TABLE DATA", "t", { section: 3 }),
    entry("INDEX", "i", { section: 4 }),
    entry("COMMENT", "INDEX i", { section: 1 }),
    entry("DEFAULT ACL", "x", { section: 4 }),
    entry("EVENT TRIGGER", "e", { section: 4 }),
    entry("COMMENT", "EVENT TRIGGER e", { section: 1 }),
    entry("MATERIALIZED VIEW DATA", "m", { section: 4 }),
  ];
  const runs = Object.entries(dumpRuns(all)).map(([run, entries]) => [
    run,
    entries.map(({ kind, tag }: TocEntry) => `${kind} ${tag}`),
  ]);
  expect(Object.fromEntries(runs)).toEqual({
    settings: ["ENCODING ENCODING"],
    definitions: ["TABLE t", "COMMENT TABLE t"],
    data: ["TABLE DATA t"],
    afterData: ["INDEX i", "COMMENT INDEX i"],
    grants: ["ACL TABLE t", "DEFAULT ACL x"],
    views: ["MATERIALIZED VIEW DATA m"],
    eventTriggers: ["EVENT TRIGGER e", "COMMENT EVENT TRIGGER e"],
  });
});

test("notes name some and count the others", () => {
  const notes = noNotes();
  for (let number = 1; number <= 25; number++) notes.owners.add(`role_${number}`);
  notes.unfilledViews.add("x".repeat(1000));
  const [owners, views] = notesAsFindings(notes);
  expect(owners?.message).toMatch(/role_20; and 5 more\)/);
  expect(views?.message.length).toBeLessThan(500);
});
