/** Files with strange keys, named by the database, go the whole way round: backed up, downloaded, uploaded, restored. */
import type { PostgresServer } from "../support/postgres";
import { backUp, expectVerified, restore } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { contentsOf, furnish, restoredContents, SOURCE, TARGET, type SmallWorld } from "../crash/small-world";
import { seeded } from "../pack/support";
import { FILES_BUCKET } from "../support/collaborators";
import { strangeKeys } from "../support/strange-keys";
import { download, upload } from "./upload-runs";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** What a text of PostgreSQL's, and a prefix before the key, leave room for. */
const KEYS = strangeKeys(seeded(8), 400).filter((key) => !key.includes("\0") && Buffer.byteLength(key) < 1_000);

const worldWith = async (keys: readonly string[]): Promise<SmallWorld> => {
  const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
  await furnish(world);
  await postgres.query(
    "crash_source",
    `ALTER TABLE "system$filedocument" ALTER "__uuid__" TYPE text;
     DELETE FROM "system$filedocument" WHERE length("__uuid__") <> 36`,
  );
  for (const [number, key] of keys.entries()) {
    const body = Buffer.from(`file ${number} ${key}`);
    await world.service.store.put({ bucket: FILES_BUCKET, key: `${SOURCE}/${key}`, body });
  }
  await postgres.query(
    "crash_source",
    `INSERT INTO "system$filedocument" SELECT key, true, NULL, false FROM unnest($1::text[]) AS key`,
    [keys],
  );
  return world;
};

test.each<[string, readonly string[]]>([
  ["the file /a.txt (08-files)", ["/a.txt"]],
  [`${KEYS.length} files with strange keys`, KEYS],
])(
  "%s: the downloaded archive uploads, and restores the same files as the snapshot",
  async (_, keys) => {
    const world = await worldWith(keys);
    const snapshotId = await backUp(world);
    await expectVerified(world, snapshotId);
    const expected = await restoredContents(world);
    expect(Object.keys(expected.files)).toEqual(expect.arrayContaining([...keys]));

    const again = await upload(world, await download(world, snapshotId, "files_and_database"));
    await expectVerified(world, again);
    expect(await restore(world, again)).toMatchObject({ status: "SUCCEEDED" });
    expect(await contentsOf(world, TARGET)).toEqual(expected);

    // Over the restored state: now the target's own old database names them, and all of them stand there.
    expect(await restore(world, snapshotId)).toMatchObject({ status: "SUCCEEDED" });
    expect(await contentsOf(world, TARGET)).toEqual(expected);
  },
  120_000,
);
