/** What the RDS client makes of answers: moto's, and those that moto does not give. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import { RdsDatabases } from "../../lambda/runtime/databases-client";
import { motoCredentials, startMoto } from "../support/moto";

const region = "eu-central-1";

test("an instance as RDS describes it, and one that it does not know", async () => {
  const moto = await startMoto();
  try {
    const options = { region, endpoint: moto.endpoint, credentials: motoCredentials };
    await new RDSClient(options).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: "shop-db",
        DBInstanceClass: "db.t4g.medium",
        Engine: "postgres",
        EngineVersion: "15.4",
        AllocatedStorage: 20,
        MasterUsername: "shop",
        MasterUserPassword: "a-password-of-a-test",
        PreferredMaintenanceWindow: "sun:03:00-sun:04:00",
        PreferredBackupWindow: "01:00-02:00",
        MultiAZ: true,
      }),
    );
    const databases = new RdsDatabases(options);
    expect(await databases.statusOf("shop-db")).toMatchObject({
      status: "available",
      engineVersion: "15.4",
      allocatedBytes: 20 * 1024 ** 3,
      instanceClass: "db.t4g.medium",
      multiAz: true,
      maintenanceWindow: "sun:03:00-sun:04:00",
      backupWindow: "01:00-02:00",
    });
    expect(await databases.statusOf("no-such-db")).toBeUndefined();
  } finally {
    await moto.stop();
  }
});

const answering = async (status: number, code: string, ask: (databases: RdsDatabases) => Promise<void>) => {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;
  const server = createServer(
    (_, response) => void response.writeHead(status, { "content-type": "text/xml" }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await ask(new RdsDatabases({ region, endpoint, credentials: motoCredentials }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

test("a role that may not ask is told nothing", () =>
  answering(403, "AccessDenied", async (databases) => {
    expect(await databases.statusOf("shop-db")).toBeUndefined();
  }));

test("throttling is a sentence that says to look again", () =>
  answering(400, "Throttling", async (databases) => {
    const failure = await databases.statusOf("shop-db").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServiceFailure);
    expect(failure).toMatchObject({
      code: "DatabaseStatusUnavailable",
      retryable: true,
      message: "RDS does not say for now how the database instance shop-db is (Throttling): look again in a minute.",
      cause: { name: "Throttling" },
    });
  }));
