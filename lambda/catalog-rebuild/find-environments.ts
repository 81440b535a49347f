/** Which environments have anything in the buckets: one listing request each, whatever they hold. Reads only. */
import type { BucketSide } from "../retention/inventory";
import { environmentPrefix, type EnvironmentPlace, type ReplicationClass } from "../storage/object-keys";

const CLASSES: readonly ReplicationClass[] = ["replicated", "single-region"];

/** In order of class and id. Versions are listed, because delete markers may hide all that an environment has. */
export async function* findEnvironments(sides: readonly BucketSide[]): AsyncGenerator<EnvironmentPlace> {
  for (const replication of CLASSES) {
    let after = "";
    for (;;) {
      const next = await Promise.all(sides.map((side) => nextEnvironment(side, replication, after)));
      const environmentId = next.filter((id) => id !== undefined).toSorted()[0];
      if (environmentId === undefined) break;
      yield { replication, environmentId };
      after = environmentId;
    }
  }
}

/** The first environment after that one in the order of keys. */
export async function nextEnvironment(
  { store, bucket }: Pick<BucketSide, "store" | "bucket">,
  replication: ReplicationClass,
  after: string,
): Promise<string | undefined> {
  const prefix = environmentPrefix({ replication, environmentId: "" }).slice(0, -1);
  // "0" follows "/" in byte order: after every key of that environment, before every later one's (ids begin with a letter or digit).
  const page = await store.listVersions(bucket, { prefix, keyMarker: `${prefix}${after}0` });
  return page.versions[0]?.key.slice(prefix.length).split("/")[0];
}
