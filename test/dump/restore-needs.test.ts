/** Roles that definitions name, in every spelling that pg_dump has; and what of many roles a manifest keeps. */
import { rolesNamedBy } from "../../lambda/dump/named-roles";
import { recordedNeeds, restoreNeeds, ROLES_RECORDED } from "../../lambda/dump/restore-needs";
import { bytesOf, type TocEntry } from "../../lambda/dump/toc";

const entry = (kind: string, definition: string, change: Partial<TocEntry> = {}): TocEntry => ({
  dumpId: 1,
  hasDumper: 0,
  tableOid: "0",
  oid: "0",
  tag: "x",
  kind,
  section: 2,
  definition: bytesOf(definition),
  drop: "",
  copy: "",
  namespace: "public",
  tablespace: "",
  accessMethod: "",
  relationKind: undefined,
  owner: "",
  withOids: "false",
  dependencies: [],
  offset: Buffer.alloc(9, 3),
  ...change,
});

test.each<[string, string, string[]]>([
  ["ACL", "GRANT SELECT ON TABLE public.t TO reader;\n", ["reader"]],
  ["ACL", 'GRANT SELECT("to","FROM") ON TABLE public."TO x" TO "a;b" WITH GRANT OPTION;\n', ["a;b"]],
  [
    "ACL",
    'REVOKE ALL ON FUNCTION public.f("from" text, VARIADIC "TO" integer[]) FROM PUBLIC;\nGRANT ALL ON FUNCTION public.f() TO größe;\n',
    ["größe"],
  ],
  [
    "ACL",
    'SET SESSION AUTHORIZATION "gr""an\'tor";\nGRANT SELECT ON TABLE public.t TO x;\nRESET SESSION AUTHORIZATION;\n',
    ["gr\"an'tor", "x"],
  ],
  ["ACL", 'GRANT ALL ON FUNCTION public.f(a public."t;y TO p") TO x;\n', ["x"]],
  [
    "DEFAULT ACL",
    'ALTER DEFAULT PRIVILEGES FOR ROLE "App TO" IN SCHEMA public REVOKE ALL ON TABLES  FROM "App TO";\nALTER DEFAULT PRIVILEGES FOR ROLE "App TO" IN SCHEMA public GRANT SELECT ON TABLES  TO reader;\n',
    ["App TO", "App TO", "App TO", "reader"],
  ],
  ["DEFAULT ACL", "ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT USAGE ON TYPES  TO PUBLIC;\n", ["app"]],
  [
    "POLICY",
    'CREATE POLICY "TO x" ON public.t AS RESTRICTIVE FOR SELECT TO reader, "po,l" USING ((a > 0));\n',
    ["reader", "po,l"],
  ],
  ["POLICY", "CREATE POLICY p ON public.t USING ((owner = CURRENT_USER));\n", []],
  ["USER MAPPING", 'CREATE USER MAPPING FOR "SERVER x" SERVER far OPTIONS (\n    "user" \'FOR y\'\n);\n', ["SERVER x"]],
  ["USER MAPPING", "CREATE USER MAPPING FOR public SERVER far;\n", []],
  [
    "DATABASE PROPERTIES",
    "ALTER DATABASE shop SET x TO 'ALTER ROLE y IN DATABASE';\nALTER ROLE \"r;1\" IN DATABASE shop SET search_path TO 'a', 'b';\n",
    ["r;1"],
  ],
  ["FUNCTION", "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'GRANT x TO y'", []],
])("%s: %s", (kind, definition, expected) => {
  expect(rolesNamedBy(entry(kind, definition))).toEqual(expected);
});

test("owners are those to whom something is given: neither the database's nor that of the schema public", () => {
  const entries = [
    entry("DATABASE", "", { owner: "of_database", drop: "DROP DATABASE x;\n" }),
    entry("SCHEMA", "-- *not* creating schema, since initdb creates it\n", {
      owner: "rdsadmin",
      drop: "-- *not* dropping schema, since initdb creates it\n",
    }),
    entry("TABLE", "", { owner: "app", drop: "DROP TABLE t;\n", tablespace: "fast" }),
    entry("ACL", "GRANT ALL ON SCHEMA public TO pg_monitor;\n", { owner: "pg_database_owner" }),
  ];
  expect(restoreNeeds({ entries })).toEqual({
    roles: ["app"],
    owners: ["app"],
    owner: "of_database",
    tablespaces: ["fast"],
    needsSuperuser: [],
  });
});

test("of more roles than a catalog item has room for, the first are kept", () => {
  const entries = Array.from({ length: 3000 }, (_, number) =>
    entry("ACL", `GRANT SELECT ON TABLE public.t TO ${`r${number}`.padEnd(63, "x")};\n`),
  );
  const needs = restoreNeeds({ entries });
  expect(needs.roles).toHaveLength(3000);
  expect(recordedNeeds(needs).roles).toEqual(needs.roles.slice(0, ROLES_RECORDED));
  expect(JSON.stringify(recordedNeeds(needs)).length).toBeLessThan(100_000);
});
