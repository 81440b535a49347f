/** The loss: everything that runs in the region ends, with all that it held in memory. Nothing can be asked there any more. */
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PACKS } from "../../lib/permissions/key-patterns";
import { readBytes } from "../environments/read-object";
import { matches } from "../permissions/evaluate";
import { named, part } from "../story/story-context";
import type { DrillOptions } from "./options";
import type { Regions } from "./set-up-regions";

export const loseRegion = (regions: Regions, { damage }: DrillOptions): Promise<void> =>
  part(regions, `${regions.lost.code} is lost`, async () => {
    const { lost, local, report, progress } = regions;
    if (damage) progress.step(`damaged at the replica: ${await damageReplica(regions)}`);
    const { host, port } = lost.postgres;
    local.lose();
    await Promise.all([lost.moto.stop(), lost.postgres.stop()]);
    const answering: string[] = [];
    for (const [what, url] of [
      ["the AWS API server, with S3, DynamoDB and secrets", lost.moto.url.href],
      ["the service's own endpoint", local.endpoint.href],
      ["PostgreSQL", `http://${host}:${port}/`],
    ] as const)
      if (await answers(url)) answering.push(`${what} still answers`);
    report.checkNone(
      "loss",
      "nothing answers in the region any more",
      answering,
      "storage, catalog, secrets, databases",
    );
  });

const answers = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch (error) {
    // PostgreSQL hangs up on HTTP, which is an answer too.
    return (error as { cause?: { code?: string } }).cause?.code !== "ECONNREFUSED";
  }
};

/** Puts a pack with one other byte in a pack's place, as only the server's administrator can. */
const damageReplica = async ({ local }: Regions): Promise<string> => {
  const { name: bucket } = named(local.app.all("AWS::S3::Bucket"), "replica");
  const client = local.store.clientOf(bucket);
  for await (const version of local.store.versions(bucket)) {
    if (!matches(PACKS, version.key) || version.deleteMarker) continue;
    const bytes = await readBytes(client, version);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    const { key: Key, versionId: VersionId } = version;
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId, BypassGovernanceRetention: true }));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: bytes }));
    return Key;
  }
  throw new Error("There is no pack at the replica to damage.");
};
