/** Gives a snapshot of the API's world real objects, and a manifest that names them. */
import type { Manifest } from "../../lambda/snapshot/manifest";
import { storeContents, type WorldOptions } from "../archive/archive-fixture";
import { sealedAnew } from "./sample-manifest";
import type { FakeCollaborators } from "./collaborators";
import { must } from "./must";

export const withContents = async (
  fakes: FakeCollaborators,
  environmentId: string,
  snapshotId: string,
  options: WorldOptions,
): Promise<void> => {
  const environment = must(await fakes.catalog.getEnvironment(environmentId));
  const snapshot = must(await fakes.catalog.getSnapshot(environmentId, snapshotId));
  const contents = await storeContents(fakes, environment, snapshotId, options);
  const change = ({ database, files }: Manifest): Pick<Manifest, "database" | "files"> => ({
    database: { ...database, ...contents.database },
    files: { ...files, ...contents.files },
  });
  const { manifest } = await sealedAnew(fakes, environment, snapshot, change);
  await fakes.catalog.updateSnapshot(environmentId, snapshotId, { manifest });
};
