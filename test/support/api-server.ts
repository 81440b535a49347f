/**
 * The API over HTTP, as API Gateway would call it, on the small world of `api-world.ts`: for tests, and for trying a
 * page or a command line against it without anything else running:
 *
 *   npx tsx test/support/api-server.ts --port 8090 --snapshots 1000
 *
 * prints its address, `http://127.0.0.1:8090/backups`, and the key of `admin`; nothing in it is real.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import type { Api } from "../../lambda/api/api-context";
import { answerProxyEvent, type ProxyAnswer, type ProxyEvent } from "../../lambda/api/proxy-event";
import { createApiWorld } from "./api-world";

const STAGE = "/backups";

export interface ApiServer {
  /** With the stage: `http://127.0.0.1:<port>/backups`. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

export async function serveApi(api: Api, port = 0): Promise<ApiServer> {
  let requests = 0;
  const server = createServer((request, response) => {
    void (async () => {
      try {
        const answer = await answerProxyEvent(api, await proxyEventOf(request, `request-${++requests}`));
        response.writeHead(answer.statusCode, answer.headers);
        response.end(bodyOf(answer));
      } catch (error) {
        response.writeHead(502);
        response.end(String(error));
      }
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${STAGE}`,
    close: () => closed(server),
  };
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });

/** As API Gateway sends it, whose API takes every media type as binary. */
export const bodyOf = ({ body, isBase64Encoded }: Pick<ProxyAnswer, "body" | "isBase64Encoded">): Buffer =>
  Buffer.from(body, isBase64Encoded ? "base64" : "utf8");

/** As API Gateway makes it of a request to the stage `backups`. */
export async function proxyEventOf(request: IncomingMessage, requestId: string): Promise<ProxyEvent> {
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const headers: Record<string, string[]> = { "X-Forwarded-Proto": ["http"] };
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    (headers[request.rawHeaders[at] ?? ""] ??= []).push(request.rawHeaders[at + 1] ?? "");
  }
  // As JSON has them: any name is one, `__proto__` too.
  const parameters = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of new URLSearchParams(query)) (parameters[name] ??= []).push(value);
  return {
    httpMethod: request.method ?? "GET",
    path: path.startsWith(STAGE) ? path.slice(STAGE.length) : path,
    multiValueHeaders: headers,
    multiValueQueryStringParameters: Object.keys(parameters).length === 0 ? null : parameters,
    // The API takes every media type as binary, so that no byte is read as text on the way.
    body: pieces.length === 0 ? null : Buffer.concat(pieces).toString("base64"),
    isBase64Encoded: pieces.length > 0,
    requestContext: { path, domainName: "127.0.0.1", requestId },
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: "string" }, snapshots: { type: "string" } } });
  const world = await createApiWorld({ snapshots: Number(values.snapshots ?? "0") });
  const { address } = await serveApi(world.api, Number(values.port ?? "8090"));
  const headers = `-H 'Mendix-Username: admin' -H 'Mendix-ApiKey: ${world.keyOf("admin")}'`;
  process.stdout.write(`${address}\nuser: admin\nkey: ${world.keyOf("admin")}\n`);
  process.stdout.write(`curl ${headers} ${address}/api/v2/apps/shop/environments/shop-production/snapshots\n`);
}

if (require.main === module) void main();
