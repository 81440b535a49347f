/** The alarm on events that EventBridge did not take: the real client, against a bus that refuses or takes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { EventBridgeEvents } from "../../lambda/runtime/events-client";
import { fakeCollaborators } from "../support/collaborators";
import { motoCredentials } from "../support/moto";
import { testAlarm, type Observed } from "./alarms";

const publishTo = async (refuses: boolean): Promise<Observed> => {
  const [status, body] = refuses
    ? [400, { __type: "AccessDeniedException", message: "not authorized to perform: events:PutEvents" }]
    : [200, { FailedEntryCount: 0, Entries: [{ EventId: "11710aed-b79e-4468-a20b-bb3c0c3b4860" }] }];
  const server = createServer(
    (_request, response) =>
      void response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fakes = fakeCollaborators();
  const events = new EventBridgeEvents({
    region: "eu-central-1",
    endpoint,
    credentials: motoCredentials,
    prefix: "backups",
    ...fakes,
  });
  try {
    await events.publish("Environment State Change", { environmentId: "shop-production", state: "started" });
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return { lines: fakes.metrics.lines() };
};

testAlarm("events-not-sent", { condition: () => publishTo(true), healthy: () => publishTo(false) });
