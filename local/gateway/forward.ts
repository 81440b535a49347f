/** Sends a re-signed request to an upstream server. Bodies stream; the answer's body is the caller's to read. */
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Incoming } from "./incoming";
import { sign, type Upstream } from "./sign";

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: http.IncomingMessage;
}

const agents = {
  "http:": new http.Agent({ keepAlive: false, maxSockets: 128 }),
  "https:": new https.Agent({ keepAlive: true, maxSockets: 128 }),
};
/** Looking "localhost" up takes a millisecond of the thread pool, thousands of times. */
const loopback: LookupFunction = (_name, { all }, callback) => {
  if (all === true) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};

/** A server that says nothing for so long is taken for dead. */
const SILENCE_LIMIT_MS = 120_000;

export const forward = async (request: Incoming, upstream: Upstream, body: Buffer | "stream"): Promise<Answer> => {
  const headers = await sign(request, upstream, request.service, request.region);
  if (body !== "stream") headers["content-length"] = String(body.length);
  const secure = upstream.url.protocol === "https:";
  const search = [...request.query].map(([name, value]) => `${escape(name)}=${escape(value)}`).join("&");
  const outgoing = (secure ? https : http).request({
    agent: secure ? agents["https:"] : agents["http:"],
    hostname: upstream.url.hostname,
    ...(upstream.url.hostname === "localhost" ? { lookup: loopback } : {}),
    port: upstream.url.port,
    method: request.method,
    path: search === "" ? request.path : `${request.path}?${search}`,
    headers,
    timeout: SILENCE_LIMIT_MS,
  });
  outgoing.on("timeout", () => outgoing.destroy(new Error(`${upstream.url.host} has been silent for too long.`)));
  const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
  });
  if (body === "stream") pipeline(request.message, outgoing).catch((error: Error) => outgoing.destroy(error));
  else outgoing.end(body);
  const message = await answer;
  return { status: message.statusCode ?? 502, headers: endToEnd(message.headers), body: message };
};

const escape = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const endToEnd = (headers: http.IncomingHttpHeaders): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) =>
        value !== undefined && !/^(connection|keep-alive|transfer-encoding|date|vary|access-control-.*)$/.test(name),
    ),
  ) as Record<string, string | string[]>;
