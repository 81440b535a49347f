/** Alarms on what reaches us: requests of people, and events of schedules. Their metrics are API Gateway's and SQS's own. */
import { answerProxyEvent, type ProxyEvent } from "../../lambda/api/proxy-event";
import { createApiWorld, PRODUCTION } from "../support/api-world";
import { environmentPath, signInHeaders } from "../api/api-client";
import { must } from "../support/must";
import { app, names, testAlarm } from "./alarms";
import type { Datapoint } from "./datapoints";

const AT = new Date("2026-12-05T12:00:00Z");

/** One request as API Gateway counts it: 1 for an answer from 500 on, 0 for any other. */
const request = async (broken: boolean): Promise<{ readonly datapoints: readonly Datapoint[] }> => {
  const world = await createApiWorld();
  if (broken)
    world.fakes.table.onRequest = () => {
      throw new Error("The table answers nothing.");
    };
  const path = `/api/v2${environmentPath(PRODUCTION)}/snapshots`;
  const headers = Object.entries(signInHeaders(world, "reader")).map(([name, value]) => [name, [value]] as const);
  const event: ProxyEvent = {
    httpMethod: "GET",
    path,
    multiValueHeaders: Object.fromEntries(headers),
    multiValueQueryStringParameters: null,
    body: null,
    isBase64Encoded: false,
    requestContext: { path: `/backups${path}`, requestId: "r1" },
  };
  const { statusCode } = await answerProxyEvent(world.api, event);
  expect(statusCode).toBe(broken ? 500 : 200);
  const stage = app()
    .all<{ StageName: string }>("AWS::ApiGateway::Stage")
    .find(({ region }) => region === "eu-central-1");
  return {
    datapoints: [
      {
        namespace: "AWS/ApiGateway",
        name: "5XXError",
        dimensions: { ApiName: names.restApi(), Stage: must(stage).properties.StageName },
        at: AT,
        value: statusCode >= 500 ? 1 : 0,
      },
    ],
  };
};
testAlarm("api-failed", { condition: () => request(true), healthy: () => request(false) });

/** Messages in the queue that every schedule's target names for what it could not deliver. */
const waitingMessages = (value: number): readonly Datapoint[] => {
  const queues = app()
    .all<{ Target: { DeadLetterConfig?: { Arn: string } } }>("AWS::Scheduler::Schedule")
    .filter(({ region }) => region === "eu-central-1")
    .map(({ properties }) => must(properties.Target.DeadLetterConfig).Arn.split(":").at(-1) ?? "");
  expect(queues.length).toBeGreaterThanOrEqual(2);
  expect(new Set(queues).size).toBe(1);
  return queues.slice(0, 1).map((QueueName) => ({
    namespace: "AWS/SQS",
    name: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName },
    at: AT,
    value,
  }));
};
testAlarm("event-undelivered", {
  condition: () => ({ datapoints: waitingMessages(1) }),
  healthy: () => ({ datapoints: waitingMessages(0) }),
});
