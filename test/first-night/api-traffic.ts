/**
 * People and scripts at the API while the night goes on: the command line's own client, with the pauses and repetitions
 * that it makes, against the API's real handler behind the account's quota. API Gateway answers a function that is
 * throttled with 500. Source: https://repost.aws/knowledge-center/api-gateway-internal-server-error
 */
import { z } from "zod";
import type { ProxyAnswer } from "../../lambda/api/proxy-event";
import { hashOfKey, keyIdOf, newApiKey } from "../../lambda/access/api-keys";
import { ApiClient } from "../../bin/command-line/api/api-client";
import { seededRandomness } from "../support/collaborators";
import { fraction } from "./per-minute";
import type { PlayedRegion } from "./played-region";

const ADMIN = "night-watch";
export const APP = "shop";
const BASE = "https://api.example/backups/api/v2";

export interface Traffic {
  /** Of users' requests, with all their repetitions. */
  answered: number;
  unanswered: string[];
  /** HTTP requests, and those that the quota kept from the function. */
  requests: number;
  throttled: number;
  longestSeconds: number;
  /** Backups that users asked for. */
  readonly asked: { readonly environmentId: string; readonly snapshotId: string }[];
}
export interface TrafficOptions {
  readonly seed: number;
  /** Between two calls, by the time since the start in seconds. */
  readonly pauseSeconds: (seconds: number) => number;
  /** Every so many calls one asks for a backup; the others look at an environment's snapshots. */
  readonly everyBackup: number;
  readonly environments: readonly string[];
  readonly until: () => boolean;
}

export const admitAdministrator = async ({ base }: PlayedRegion): Promise<string> => {
  const key = newApiKey(seededRandomness(4711));
  const hash = hashOfKey(key);
  const at = "2026-11-01T00:00:00Z";
  const grants = [{ app: APP, role: "administer" as const }];
  await base.catalog.putPrincipal({ name: ADMIN, grants, createdAt: at, createdBy: "test", updatedAt: at });
  const item = { principal: ADMIN, keyId: keyIdOf(hash), hash, label: "test", createdAt: at, createdBy: "test" };
  await base.catalog.putApiKey({ ...item, expiresAt: null });
  return key;
};

const snapshots = z.looseObject({ snapshots: z.array(z.unknown()) });
const created = z.looseObject({ snapshotId: z.string() });

/** Calls until `until`, one after another's start, each for itself. */
export const playTraffic = async (region: PlayedRegion, key: string, options: TrafficOptions): Promise<Traffic> => {
  const traffic: Traffic = {
    answered: 0,
    unanswered: [],
    requests: 0,
    throttled: 0,
    longestSeconds: 0,
    asked: [],
  };
  const { clock } = region;
  const random = seededRandomness(options.seed + 3);
  const client = clientOf(region, key, traffic);
  const startedAt = clock.now().getTime();
  const open: Promise<void>[] = [];
  for (let count = 1; !options.until(); count++) {
    open.push(call(count));
    const since = (clock.now().getTime() - startedAt) / 1000;
    await clock.sleep(options.pauseSeconds(since) * (0.5 + fraction(random)));
  }
  await Promise.all(open);
  return traffic;

  async function call(count: number): Promise<void> {
    const environmentId = options.environments[Math.floor(fraction(random) * options.environments.length)] ?? "";
    const path = `/apps/${APP}/environments/${environmentId}/snapshots`;
    const from = clock.now().getTime();
    try {
      if (count % options.everyBackup === 0) {
        const { snapshotId } = await client.ask("POST", path, created, { body: { comment: "before the release" } });
        traffic.asked.push({ environmentId, snapshotId });
      } else {
        await client.ask("GET", path, snapshots, { query: { offset: 0, limit: 100 } });
      }
      traffic.answered += 1;
    } catch (error) {
      traffic.unanswered.push(`${clock.now().toISOString()}: ${(error as Error).message}`);
    }
    traffic.longestSeconds = Math.max(traffic.longestSeconds, (clock.now().getTime() - from) / 1000);
  }
};

const clientOf = (region: PlayedRegion, key: string, traffic: Traffic): ApiClient => {
  let requests = 0;
  return new ApiClient(
    {
      url: BASE,
      base: BASE,
      headers: { "Mendix-Username": ADMIN, "Mendix-ApiKey": key },
    },
    {
      fetch: (input, init) => behindGateway(region, traffic, new Request(input, init)),
      sleep: (milliseconds) => region.clock.sleep(milliseconds / 1000),
      newRequestId: () => `00000000-0000-4000-8000-${String(++requests).padStart(12, "0")}`,
    },
  );
};

const behindGateway = async (region: PlayedRegion, traffic: Traffic, request: Request): Promise<Response> => {
  traffic.requests += 1;
  const url = new URL(request.url);
  const query = [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name)]);
  try {
    const answer = (await region.call("api", {
      httpMethod: request.method,
      path: url.pathname.replace(/^\/backups/, ""),
      multiValueHeaders: Object.fromEntries([...request.headers].map(([name, value]) => [name, [value]])),
      multiValueQueryStringParameters: Object.fromEntries(query),
      body: (await request.text()) || null,
      isBase64Encoded: false,
      requestContext: { path: url.pathname, domainName: url.host, requestId: `gateway-${traffic.requests}` },
    })) as ProxyAnswer;
    return new Response(answer.body, { status: answer.statusCode, headers: answer.headers });
  } catch (error) {
    if ((error as Error).name !== "Lambda.TooManyRequestsException") throw error;
    traffic.throttled += 1;
    return Response.json(
      { errorCode: "SERVICE_UNAVAILABLE", errorMessage: "The service did not answer; try again in a moment." },
      { status: 500 },
    );
  }
};
