/** The keys that a restore's records say have been left, in order. */
import { gunzipSync } from "node:zlib";
import { restoreRecordsPrefix } from "../../lambda/storage/object-keys";
import { RESTORE } from "../restore/restore-fixture";
import { TARGET } from "../restore/snapshot-fixture";
import type { FakeCollaborators } from "../support/collaborators";

export const linesOfLeft = async (c: FakeCollaborators): Promise<string[]> => {
  const bucket = c.settings.PRIMARY_BUCKET;
  const place = { replication: "replicated", environmentId: TARGET } as const;
  const { objects } = await c.store.list(bucket, { prefix: `${restoreRecordsPrefix(place, RESTORE)}left/` });
  return objects.flatMap(({ key }) =>
    gunzipSync(c.store.bytes(bucket, key))
      .toString()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { key: string }).key),
  );
};
