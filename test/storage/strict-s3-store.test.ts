import { CreateBucketCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { startS3Server, type RunningS3Server } from "../support/s3-server/s3-server";
import { objectStoreContract } from "./object-store.contract";

let server: RunningS3Server | undefined;
afterAll(() => server?.stop());

objectStoreContract("S3's client against a strict server", async () => {
  const running = (server = await startS3Server({ pageLimit: 7 }));
  const { endpoint, credentials } = running;
  const admin = createS3Client({ region: "eu-central-1", endpoint, credentials });
  const client = createS3Client({ region: "eu-central-1", endpoint, credentials });
  let requests = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      requests += 1;
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "count" },
  );
  return {
    store: new S3Store(client),
    createBucket: async (name, options) => {
      await admin.send(
        new CreateBucketCommand({
          Bucket: name,
          ...(options?.objectLock === true ? { ObjectLockEnabledForBucket: true } : {}),
        }),
      );
      if (options?.versioned === true)
        await admin.send(
          new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Enabled" } }),
        );
    },
    requests: () => requests,
    pageLimit: 7,
    now: () => new Date(),
    refusesShortening: true,
    conditionalCopies: true,
    keepsDifficultAttributes: true,
  };
});
