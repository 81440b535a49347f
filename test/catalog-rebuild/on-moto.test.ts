/** The same against real S3 and DynamoDB protocols: paging, versions, conditional writes, into a table of its own. */
import { Catalog } from "../../lambda/catalog/catalog";
import { DynamoDbTable } from "../../lambda/catalog/dynamodb-table-client";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { FILES_BUCKET, PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { createMotoBucket, motoCredentials, type Moto, startMoto } from "../support/moto";
import { createMotoTable } from "../support/moto-table";
import { must } from "../support/must";
import {
  comment,
  makePeople,
  newWorld,
  onDemandId,
  PEOPLE,
  SINGLE,
  snapshotsOf,
  takeNight,
  takeOnDemand,
} from "./catalog-world";
import { rebuild } from "./rebuilding";

const WITHIN_A_MINUTE = { environments: ["shop-production", SINGLE], days: 2, filesAtFirst: 3 };
let moto: Moto;
const clients: { destroy(): void }[] = [];
beforeAll(async () => {
  moto = await startMoto({ pageLimit: 5 });
  await createMotoBucket(moto, PRIMARY_BUCKET, { objectLock: true });
  await createMotoBucket(moto, REPLICA_BUCKET, { objectLock: true });
  await createMotoBucket(moto, FILES_BUCKET);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await moto.stop();
});

test("I6: environments, snapshots and people are rebuilt equal in another table", async () => {
  const s3 = createS3Client({ region: "eu-central-1", endpoint: moto.endpoint, credentials: motoCredentials });
  const [first, second] = [await createMotoTable(moto, "first"), await createMotoTable(moto, "second")];
  clients.push(s3, first, second);
  const store = new S3Store(s3);
  const standing = new Catalog(new DynamoDbTable(first, "first"));
  // The server keeps its own time, and locks have to end after it.
  const world = await newWorld(WITHIN_A_MINUTE, {}, { store, replicaStore: store, catalog: standing });
  world.clock.set(new Date());
  await makePeople(world);
  for (const environmentId of WITHIN_A_MINUTE.environments) {
    await takeNight(world, 1, environmentId);
    await takeOnDemand(world, 2, environmentId);
  }
  await comment(world, SINGLE, onDemandId(SINGLE, 2));
  const rebuilt = { ...world, catalog: new Catalog(new DynamoDbTable(second, "second")) };
  const { findings } = await rebuild(rebuilt);
  expect(findings).toEqual([]);
  for (const environmentId of WITHIN_A_MINUTE.environments) {
    expect(await snapshotsOf(rebuilt, environmentId)).toEqual(await snapshotsOf(world, environmentId));
    expect(await rebuilt.catalog.getEnvironment(environmentId)).toEqual(
      must(await standing.getEnvironment(environmentId)),
    );
  }
  for (const name of Object.values(PEOPLE)) {
    expect(await rebuilt.catalog.getPrincipal(name)).toEqual(must(await standing.getPrincipal(name)));
    expect(await rebuilt.catalog.listApiKeys(name)).toEqual(await standing.listApiKeys(name));
  }
  expect((await rebuild(rebuilt)).differences).toEqual([]);
}, 120_000);
