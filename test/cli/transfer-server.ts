/**
 * The storage behind presigned addresses, over HTTP: objects are read by ranges, parts are put. What goes wrong is told
 * by `fault`, request by request. It notes every request with its headers, so that tests see what was sent there.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Presigner } from "../../lambda/runtime/collaborators";
import type { MemoryStore } from "../support/memory-store";

/** `refuse`: 403, as an address whose time is over. `cut`: the connection breaks in the middle of the body. */
export type TransferFault = "none" | "refuse" | "unavailable" | "cut" | "lost-reply" | "wrong-range";

export interface TransferServer {
  readonly presigner: Presigner;
  readonly requests: { readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"] }[];
  /** `number`: from 1. */
  fault: (request: { readonly method: string; readonly url: string; readonly number: number }) => TransferFault;
  readonly close: () => Promise<void>;
}

export async function startTransferServer(store: MemoryStore): Promise<TransferServer> {
  let signed = 0;
  const requests: TransferServer["requests"] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const { method = "GET", url = "", headers } = incoming;
      const number = requests.push({ method, url, headers });
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      await answer(running.fault({ method, url, number }), Buffer.concat(pieces), incoming, outgoing);
    })().catch((error: unknown) => {
      outgoing.writeHead(500);
      outgoing.end(String(error));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(
    fault: TransferFault,
    body: Buffer,
    { method, url = "", headers }: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const { pathname, searchParams } = new URL(url, origin);
    const [bucket = "", ...rest] = pathname.slice(1).split("/");
    const key = rest.join("/");
    if (fault === "refuse" || fault === "unavailable") {
      outgoing.writeHead(fault === "refuse" ? 403 : 503);
      outgoing.end();
      return;
    }
    if (method === "PUT") {
      const uploadId = searchParams.get("uploadId") ?? "";
      if (fault === "cut") return void outgoing.destroy();
      const { etag } = await store.uploadPart({ bucket, key }, uploadId, Number(searchParams.get("partNumber")), body);
      if (fault === "lost-reply") return void outgoing.destroy();
      outgoing.writeHead(200, { ETag: etag });
      outgoing.end();
      return;
    }
    const all = Buffer.from(store.bytes(bucket, key));
    const asked = /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
    const from = Number(asked ?? "0") + (fault === "wrong-range" ? 1 : 0);
    const part = all.subarray(from);
    outgoing.writeHead(asked === undefined ? 200 : 206, {
      "content-length": part.length,
      ...(asked === undefined ? {} : { "content-range": `bytes ${from}-${all.length - 1}/${all.length}` }),
    });
    if (fault !== "cut") return void outgoing.end(part);
    outgoing.write(part.subarray(0, Math.floor(part.length / 2)), () => outgoing.destroy());
  }

  const address = (path: string, query: Record<string, string | number>): string =>
    `${origin}/${path}?${new URLSearchParams({
      ...Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)])),
      "X-Amz-Signature": `${String(++signed).padStart(4, "0")}${"ab".repeat(30)}`,
    }).toString()}`;
  const running: TransferServer = {
    presigner: {
      getUrl: async ({ bucket, key }) => ({ url: address(`${bucket}/${key}`, {}), expiresAt: new Date(0) }),
      partUrl: async ({ bucket, key }, { uploadId, partNumber }) =>
        address(`${bucket}/${key}`, { uploadId, partNumber }),
    },
    requests,
    fault: () => "none",
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return running;
}
