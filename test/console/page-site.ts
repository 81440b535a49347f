/**
 * The page as users reach it: the built function's own handler and the API on one origin, and presigned storage on
 * another, which answers to the page as S3 does with the transfer bucket's CORS rules.
 */
import { buildSync } from "esbuild";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { answerProxyEvent } from "../../lambda/api/proxy-event";
import { PAGE_FOLDER } from "../../lambda/console/contract";
import { attachment } from "../../lambda/runtime/presigner-client";
import { buildPage } from "../../lib/assets/build-page";
import { bodyOf, proxyEventOf } from "../support/api-server";
import { createApiWorld, type ApiWorld, type ApiWorldOptions } from "../support/api-world";
import { TRANSFER_BUCKET } from "../support/collaborators";

const PROJECT = join(__dirname, "..", "..");
/** A folder a worker, so that none takes another's page away. */
const BUILD = join(PROJECT, ".build-page", process.env["JEST_WORKER_ID"] ?? "0");

type Handler = (event: unknown) => Promise<{
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}>;

/** Builds as the deployment does, into a folder of its own. */
export const buildConsole = (folder = join(BUILD, "console"), sources?: Parameters<typeof buildPage>[1]): Handler => {
  buildPage(join(folder, PAGE_FOLDER), sources);
  const outfile = join(folder, "index.js");
  const entry = join(PROJECT, "lambda/console/console.handler.ts");
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
  // oxlint-disable-next-line typescript/no-require-imports -- It was written a line ago.
  return (require(outfile) as { handler: Handler }).handler;
};
export const buildEmptyPage = (): Handler => {
  const folder = join(PROJECT, "console/empty-page");
  return buildConsole(join(BUILD, "empty"), { folder, main: join(folder, "main.tsx") });
};

export interface StorageCall {
  readonly key: string;
  readonly partNumber: number;
}
export interface PageSite {
  /** With the stage, without a slash: `http://127.0.0.1:<port>/backups`. */
  readonly address: string;
  readonly world: ApiWorld;
  /** Parts that arrived at storage. */
  readonly parts: StorageCall[];
  /** Awaited before a part is stored: a test holds parts up, or refuses them by throwing. */
  beforePart: (call: StorageCall) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const servePage = async (options: ApiWorldOptions = {}, handler = buildConsole()): Promise<PageSite> => {
  const storage = await listen((request, response) => void answerStorage(site, request, response));
  const world = await createApiWorld({
    ...options,
    change: () => ({
      presigner: {
        getUrl: async ({ key }, { fileName }) => ({
          url: `${storage.origin}/${key}?name=${encodeURIComponent(fileName)}`,
          expiresAt: new Date(0),
        }),
        partUrl: async ({ key }, { uploadId, partNumber }) =>
          `${storage.origin}/${key}?uploadId=${encodeURIComponent(uploadId)}&partNumber=${partNumber}`,
      },
    }),
  });
  let requests = 0;
  const front = await listen((request, response) => {
    void (async () => {
      const event = await proxyEventOf(request, `request-${++requests}`);
      if (event.path.startsWith("/api/")) {
        const answer = await answerProxyEvent(world.api, event);
        response.writeHead(answer.statusCode, answer.headers).end(bodyOf(answer));
        return;
      }
      const headers = Object.fromEntries(
        Object.entries(event.multiValueHeaders ?? {}).map(([k, v]) => [k, v.join(", ")]),
      );
      const answer = await handler({ ...event, headers });
      response.writeHead(answer.statusCode, answer.headers);
      response.end(Buffer.from(answer.body, answer.isBase64Encoded ? "base64" : "utf8"));
    })().catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  const site: PageSite = {
    address: `${front.origin}/backups`,
    world,
    parts: [],
    beforePart: async () => undefined,
    close: async () => {
      await Promise.all([closed(front.server), closed(storage.server)]);
    },
  };
  return site;
};

/** What S3 answers to presigned requests: PUT of a part, GET of an object, and the preflight before either. */
const answerStorage = async (site: PageSite, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { fakes } = site.world;
  const url = new URL(request.url ?? "/", "http://storage");
  const key = url.pathname.slice(1);
  const cors = {
    "access-control-allow-origin": request.headers.origin ?? "*",
    "access-control-allow-methods": "PUT, GET",
  };
  try {
    if (request.method === "OPTIONS") return void response.writeHead(200, cors).end();
    if (request.method === "GET") {
      const { body } = await fakes.store.get({ bucket: TRANSFER_BUCKET, key });
      const disposition = attachment(url.searchParams.get("name") ?? "");
      response.writeHead(200, { ...cors, "content-disposition": disposition });
      for await (const piece of body) response.write(piece);
      return void response.end();
    }
    const partNumber = Number(url.searchParams.get("partNumber"));
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    await site.beforePart({ key, partNumber });
    const uploadId = url.searchParams.get("uploadId") ?? "";
    await fakes.store.uploadPart({ bucket: TRANSFER_BUCKET, key }, uploadId, partNumber, Buffer.concat(pieces));
    site.parts.push({ key, partNumber });
    return void response.writeHead(200, cors).end();
  } catch {
    return void response.writeHead(503, cors).end();
  }
};

const listen = async (listener: RequestListener): Promise<{ readonly server: Server; readonly origin: string }> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
