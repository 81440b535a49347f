/**
 * Unpacking an upload is stopped at points spread over its requests and states: once only the function or task, once
 * the whole service. Afterwards the environment can be backed up, the upload's snapshot is whole or failed, and nothing
 * leaks (I1, I2, I5). `CRASH_SAMPLE=1` tries every point.
 */
import type { PostgresServer } from "../support/postgres";
import type { Mode } from "../crash/crash-points";
import { expectNothingLeaked, expectSettled } from "../crash/invariants";
import { backUp, expectVerified, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { changeBack, furnish, type SmallWorld } from "../crash/small-world";
import { TRANSFER_BUCKET } from "../support/collaborators";
import { archiveByHand, upload } from "./upload-runs";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

const HOUR = 3_600_000;
const EVERY = Number(process.env["CRASH_SAMPLE"] ?? 19);

test.each<Mode>(["invocation", "service"])(
  "I1, I2, I5: an upload whose %s stops is a snapshot or a failure, and nothing is left",
  async (mode) => {
    const world: SmallWorld = { service: new SimulatedService(postgres), postgres };
    const { service } = world;
    await changeBack(world);
    await furnish(world);
    const first = await backUp(world);
    service.base.clock.advance(24 * HOUR);
    const archive = archiveByHand(world, (names) => names);
    const putBack = service.save();
    service.points.arm(-1, mode);
    await upload(world, archive);
    const names = [...service.points.passed];
    expect(names.length).toBeGreaterThan(60);
    for (let at = mode === "service" ? 3 : 0; at < names.length; at += EVERY) {
      putBack();
      service.points.arm(at, mode);
      const uploaded = await upload(world, archive);
      service.points.disarm();
      service.base.clock.advance(HOUR);
      const next = await backUp(world);
      service.base.clock.advance(25 * HOUR);
      await retain(world);
      try {
        await expectVerified(world, first);
        await expectVerified(world, next);
        if ((await service.base.catalog.getSnapshot("shop-production", uploaded)) !== undefined)
          await expectSettled(world, uploaded);
        await expectNothingLeaked(world);
        expect(service.base.store.versions(TRANSFER_BUCKET)).toEqual([]);
        expect((await service.base.catalog.listUploads(service.base.clock.now())).items).toEqual([]);
        expect(attemptsLeft(world)).toEqual([]);
      } catch (error) {
        throw new Error(`${mode} stopped at point ${at}: ${names[at] ?? ""}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  },
  600_000,
);

/** Attempts and their shards, which every end has to remove. */
const attemptsLeft = ({ service }: SmallWorld): readonly string[] =>
  keysOf(service).filter((pk) => pk.startsWith("ATTEMPT#"));
const keysOf = ({ base }: SimulatedService): readonly string[] => base.table.all().map(({ pk }) => pk);
