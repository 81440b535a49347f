/**
 * Ten thousand requests made from the description, right and wrong ones: none is an error of the service, every answer
 * is as described, and a refused request changes nothing, neither in the catalog nor in storage.
 */
import { gunzipSync } from "node:zlib";
import { describe as describeApi } from "../../lambda/api/openapi-document";
import { answerProxyEvent, type ProxyEvent } from "../../lambda/api/proxy-event";
import { createApiWorld, PEOPLE, type ApiWorld } from "../support/api-world";
import { signInHeaders } from "./api-client";
import { Described } from "./described";
import { RequestGenerator, type GeneratedRequest } from "./request-generator";

const REQUESTS = 10_000;
/** Of one world: what the right ones make is looked at again with every request. */
const OF_A_WORLD = 250;
const SEED = 20261130;
/** Most have every right, so that they get as far as a request can. */
const WHO = [...Array.from({ length: 12 }, () => "admin"), ...Object.keys(PEOPLE), null];

const eventOf = (world: ApiWorld, person: string | null, request: GeneratedRequest, number: number): ProxyEvent => {
  const query = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of request.query) (query[name] ??= []).push(value);
  const headers = { Host: "api.example", ...signInHeaders(world, person), ...request.headers };
  return {
    httpMethod: request.method,
    path: request.path,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    multiValueQueryStringParameters: query,
    body: request.body?.toString("base64") ?? null,
    isBase64Encoded: request.body !== null,
    requestContext: { path: `/backups${request.path}`, domainName: "api.example", requestId: `request-${number}` },
  };
};

const READS = /^(get|head|list)/;
/** Of storage: what was asked of it besides reading, which counts as a change even if it came to nothing. */
const standing = ({ fakes }: ApiWorld): string =>
  JSON.stringify([
    fakes.table.all(),
    fakes.store.requests.filter(({ operation }) => !READS.test(operation)),
    fakes.workflows.started,
  ]);

test("no error of the service, no answer that isn't described, no change by what was refused", async () => {
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  let world = await createApiWorld();
  const document = describeApi(world.api);
  const described = new Described(document);
  const generator = new RequestGenerator(document, SEED);
  let before = standing(world);
  for (let number = 0; number < REQUESTS; number++) {
    if (number % OF_A_WORLD === 0) {
      world = await createApiWorld();
      before = standing(world);
    }
    const request = generator.next();
    const person = WHO[(number * 7) % WHO.length] ?? null;
    const answer = await answerProxyEvent(world.api, eventOf(world, person, request, number));
    const bytes = Buffer.from(answer.body, answer.isBase64Encoded ? "base64" : "utf8");
    const text = (answer.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString();
    statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
    const tell = (problem: string): number =>
      wrong.push(
        `${number} ${person} ${request.method} ${request.path.slice(0, 200)} ${JSON.stringify(request.query).slice(0, 200)} ${JSON.stringify(request.headers)} ${request.body?.toString().slice(0, 200)}: ${answer.statusCode}, ${problem}`,
      );
    if (answer.statusCode >= 500)
      tell(String(world.fakes.log.lines.findLast(({ level }) => level === "error")?.details?.["error"]));
    try {
      described.check(request.method, new URL(`https://x${request.path}`).pathname, answer.statusCode, text);
    } catch (error) {
      tell((error as Error).message);
    }
    const after = standing(world);
    if (answer.statusCode >= 400 && after !== before) tell("and something changed");
    before = after;
  }
  expect(wrong.slice(0, 20)).toEqual([]);
  // Enough of each kind that the above says something.
  const count = (status: number): number => statuses.get(status) ?? 0;
  expect(count(200)).toBeGreaterThan(1500);
  for (const status of [400, 403, 404, 405, 413, 415]) expect([status, count(status) > 20]).toEqual([status, true]);
}, 300_000);
