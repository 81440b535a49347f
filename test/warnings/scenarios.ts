/**
 * For every warning that a snapshot can carry, an app that provokes it: backed up by the service itself, from a real
 * database. A code without a scenario does not compile.
 */
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SnapshotItem } from "../../lambda/catalog/items";
import type { Registration } from "../../lambda/catalog/registration";
import type { SnapshotWarningCode } from "../../lambda/snapshot/warnings";
import { backUp } from "../crash/runs";
import { SOURCE, type SmallWorld } from "../crash/small-world";
import { damage } from "../drill/drill-runs";
import { FILES_BUCKET, PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { pgDump } from "../upload/upload-fixture";
import { upload } from "../upload/upload-runs";

export interface Scenario {
  /** Leaves a completed snapshot of SOURCE; gives its id. */
  readonly take: (world: SmallWorld) => Promise<string>;
  /** What an earlier version's catalog has of it. */
  readonly before?: (item: SnapshotItem) => SnapshotItem;
}

const FILES = `CREATE TABLE "system$filedocument" ("__uuid__" varchar(36), hascontents boolean, submetaobjectname text, deleteafterdownload boolean);`;

/** The source's database is one of its own with what `sql` makes. */
const withDatabase = async ({ service, postgres }: SmallWorld, name: string, sql: string): Promise<void> => {
  await postgres.query("postgres", `CREATE DATABASE ${name}`);
  await postgres.query(name, FILES + sql);
  await change({ service, postgres }, { name });
};
const change = async ({ service }: SmallWorld, database: Partial<Registration["database"]>): Promise<void> => {
  const { catalog } = service.base;
  const { registration } = must(await catalog.getEnvironment(SOURCE));
  const changed = { ...registration, database: { ...registration.database, ...database } };
  await catalog.updateEnvironment(SOURCE, { registration: changed });
};
const ofDatabase = (name: string, sql: string): Scenario => ({
  take: async (world) => {
    await withDatabase(world, name, sql);
    return backUp(world);
  },
});

/** As an ordinary role of that name, for the time of the backup. */
const asRole = async (world: SmallWorld, role: string, work: () => Promise<string>): Promise<string> => {
  const { service } = world;
  service.taskChange = {
    secrets: { databaseCredentials: async () => ({ username: role, password: "of-a-test" }) },
  };
  try {
    return await work();
  } finally {
    service.taskChange = {};
  }
};

const recoveryPoint: Scenario = {
  take: async (world) => {
    await change(world, { instance: "shop-db", backup: "recovery-point" });
    return backUp(world);
  },
};

export const SCENARIOS: Readonly<Record<SnapshotWarningCode, Scenario>> = {
  ExtensionBeyondDefault: ofDatabase("warned_extension", "CREATE EXTENSION hstore;"),
  ForeignTables: ofDatabase(
    "warned_foreign",
    `CREATE FOREIGN DATA WRAPPER nowhere;
     CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
     CREATE FOREIGN TABLE far (id int) SERVER elsewhere;`,
  ),
  // pg_dump leaves subscriptions out, and says so, where it is no superuser's.
  DumpWarned: {
    take: async (world) => {
      const { postgres } = world;
      await postgres.query(
        "postgres",
        "CREATE ROLE warned_login LOGIN PASSWORD 'of-a-test' CREATEDB IN ROLE pg_read_all_data",
      );
      await withDatabase(
        world,
        "warned_subscription",
        "CREATE SUBSCRIPTION orders CONNECTION 'dbname=elsewhere' PUBLICATION orders WITH (connect = false, enabled = false, slot_name = NONE);",
      );
      await postgres.query("postgres", "ALTER DATABASE warned_subscription OWNER TO warned_login");
      return asRole(world, "warned_login", () => backUp(world));
    },
  },
  NotInDump: ofDatabase(
    "warned_order",
    "CREATE TABLE parent (a int); CREATE TABLE child (b int) INHERITS (parent); ALTER TABLE parent ADD COLUMN c int;",
  ),
  RestoreNeedsRights: {
    take: async (world) => {
      await world.postgres.query(
        "postgres",
        "CREATE ROLE warned_reader LOGIN PASSWORD 'of-a-test' IN ROLE pg_read_all_data",
      );
      await withDatabase(world, "warned_rights", "");
      return asRole(world, "warned_reader", () => backUp(world));
    },
  },
  UserMappingsHidden: {
    take: async (world) => {
      const { postgres } = world;
      await postgres.query(
        "postgres",
        "CREATE ROLE warned_stranger LOGIN PASSWORD 'of-a-test' CREATEDB IN ROLE pg_read_all_data",
      );
      await withDatabase(
        world,
        "warned_mappings",
        `CREATE FOREIGN DATA WRAPPER nowhere;
         CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
         CREATE USER MAPPING FOR postgres SERVER elsewhere OPTIONS (password 'secret');`,
      );
      return asRole(world, "warned_stranger", () => backUp(world));
    },
  },
  PrivilegesMissing: {
    take: async (world) => {
      await withDatabase(
        world,
        "warned_upload",
        "CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT'; REVOKE ALL ON FUNCTION wipe() FROM PUBLIC;",
      );
      return upload(world, pgDump(world.postgres, "warned_upload"));
    },
  },
  PackedAnew: {
    take: async (world) => {
      await backUp(world);
      const { store, replicaStore } = world.service.base;
      for (const one of [...store.versions(PRIMARY_BUCKET), ...replicaStore.versions(REPLICA_BUCKET)])
        if (one.key.includes("/files/")) damage(one);
      return backUp(world);
    },
  },
  FilesMissing: {
    take: async (world) => {
      const { store } = world.service.base;
      const one = must(store.versions(FILES_BUCKET).find(({ key }) => key.startsWith(`${SOURCE}/`)));
      await store.deleteBatch(FILES_BUCKET, [{ key: one.key }]);
      return backUp(world);
    },
  },
  RecoveryPoint: recoveryPoint,
  RecoveryPointLocked: recoveryPoint,
  RecoveryPointRestore: recoveryPoint,
  MoreWarnings: {
    take: async (world) => {
      const { service, postgres } = world;
      const bin = join(mkdtempSync(join(tmpdir(), "warned-programs-")), String(postgres.major));
      mkdirSync(bin);
      const real = postgres.programsPattern.replace("{major}", String(postgres.major));
      const script = `[ "$1" = --version ] || for i in $(seq 60); do echo "pg_dump: warning: this is odd: $i" >&2; done`;
      for (const [name, first] of [
        ["pg_dump", script],
        ["pg_restore", ""],
      ] as const) {
        writeFileSync(join(bin, name), `#!/bin/sh\n${first}\nexec ${join(real, name)} "$@"\n`);
        chmodSync(join(bin, name), 0o755);
      }
      service.taskChange = { programs: { directory: join(bin, "..", "{major}"), majors: [postgres.major] } };
      try {
        return await backUp(world);
      } finally {
        service.taskChange = {};
      }
    },
  },
  Warned: {
    take: (world) => SCENARIOS.FilesMissing.take(world),
    before: (item) => {
      const { warnings: _, ...older } = item;
      return older;
    },
  },
};
