/** Events over the real SDK client: what is asked, and what becomes of every kind of answer. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EVENTS } from "../../lambda/observability/event-contract";
import { EventBridgeEvents } from "../../lambda/runtime/events-client";
import { fakeCollaborators } from "../support/collaborators";
import { motoCredentials } from "../support/moto";

interface Entry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}
type Answer = { readonly status?: number; readonly body: unknown };

let server: Server;
let asked: { readonly target: unknown; readonly Entries: readonly Entry[] }[];
let answer: (entries: readonly Entry[]) => Answer;

const taken = ({ length }: readonly Entry[]): Answer => ({
  body: { FailedEntryCount: 0, Entries: Array.from({ length }, (_, n) => ({ EventId: `11710aed-${n}` })) },
});

beforeEach(async () => {
  asked = [];
  answer = taken;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { Entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries: Entry[] };
      asked.push({ target: request.headers["x-amz-target"], Entries });
      const { status = 200, body } = answer(Entries);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const world = () => {
  const fakes = fakeCollaborators({ now: new Date("2026-12-05T00:00:01.250Z") });
  const events = new EventBridgeEvents({
    region: "eu-central-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: motoCredentials,
    prefix: "shop",
    ...fakes,
  });
  return { ...fakes, events };
};
const running = (snapshotId: string) =>
  ({
    type: "Snapshot State Change",
    detail: { environmentId: "shop-production", snapshotId, state: "running" },
  }) as const;

test("an event has source, type and version, and passes its own schema", async () => {
  const { events, metrics } = world();
  await events.publish("Snapshot State Change", {
    environmentId: "shop-production",
    snapshotId: "s1",
    state: "failed",
    reason: "x".repeat(5_000),
  });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.target).toBe("AWSEvents.PutEvents");
  const [entry] = asked[0]?.Entries ?? [];
  expect(entry).toMatchObject({ Source: "nightly-backups.shop", DetailType: "Snapshot State Change" });
  const detail = JSON.parse(entry?.Detail ?? "") as Record<string, unknown>;
  expect(EVENTS["Snapshot State Change"].parse(detail)).toEqual({
    version: 1,
    region: "eu-central-1",
    at: "2026-12-05T00:00:01Z",
    correlationId: "s1",
    environmentId: "shop-production",
    snapshotId: "s1",
    state: "failed",
    reason: "x".repeat(2_000),
  });
  expect(metrics.added).toEqual([]);
});

test("many go ten at a time", async () => {
  const { events } = world();
  await events.publishAll(Array.from({ length: 23 }, (_, n) => running(`s${n}`)));
  expect(asked.map(({ Entries }) => Entries.length)).toEqual([10, 10, 3]);
  await events.publishAll([]);
  expect(asked).toHaveLength(3);
});

test("what is refused by itself is sent again, and only that", async () => {
  const { events, metrics, log } = world();
  answer = (entries) =>
    asked.length > 1
      ? taken(entries)
      : {
          body: {
            FailedEntryCount: 1,
            Entries: entries.map((_, n) =>
              n === 1 ? { ErrorCode: "ThrottlingException", ErrorMessage: "Rate exceeded" } : { EventId: `e${n}` },
            ),
          },
        };
  await events.publishAll([running("s0"), running("s1"), running("s2")]);
  expect(asked[1]?.Entries.map(({ Detail }) => (JSON.parse(Detail) as { snapshotId: string }).snapshotId)).toEqual([
    "s1",
  ]);
  expect([metrics.added, log.lines]).toEqual([[], []]);
});

test("what stays refused is a line of the log and a metric, and no error", async () => {
  const { events, metrics, log } = world();
  answer = (entries) => ({
    body: {
      FailedEntryCount: entries.length,
      Entries: entries.map(() => ({ ErrorCode: "InternalFailure", ErrorMessage: "Internal failure" })),
    },
  });
  await events.publishAll([running("s0"), running("s1")]);
  expect(metrics.added).toEqual([{ name: "EventsNotSent", value: 2 }]);
  expect(log.lines).toMatchObject([{ level: "error", message: "Events could not be sent." }]);
  expect(log.lines[0]?.details?.["error"]).toContain("InternalFailure");
});

test("a permission that is missing, and an event that breaks its own schema, are told likewise", async () => {
  const { events, metrics, log } = world();
  answer = () => ({ status: 400, body: { __type: "AccessDeniedException", message: "not authorized" } });
  await events.publishAll([running("s0")]);
  await events.publishAll([{ type: "Snapshot State Change", detail: { state: "none" } } as never]);
  expect(asked).toHaveLength(1);
  expect(metrics.valuesOf("EventsNotSent")).toEqual([1, 1]);
  expect(log.lines[0]?.details?.["error"]).toContain("AccessDeniedException");
});
