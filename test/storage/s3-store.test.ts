import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { createMotoBucket, motoCredentials, startMoto, type Moto } from "../support/moto";
import { objectStoreContract } from "./object-store.contract";

let moto: Moto | undefined;
afterAll(() => moto?.stop());

objectStoreContract("S3's client against moto", async () => {
  // Few keys a page, so that paging shows without a thousand objects.
  const server = (moto = await startMoto({ pageLimit: 7 }));
  const client = createS3Client({ region: "eu-central-1", endpoint: server.endpoint, credentials: motoCredentials });
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
    createBucket: (name, options) => createMotoBucket(server, name, options),
    requests: () => requests,
    pageLimit: 7,
    now: () => new Date(),
    refusesShortening: false,
    conditionalCopies: false,
    keepsDifficultAttributes: false,
  };
});
