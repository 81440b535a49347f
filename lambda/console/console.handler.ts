/**
 * Lambda entry point behind API Gateway: the web page's files. It has no permissions and no clients; all it knows is
 * the folder beside its code, and where uploads go. A failure leaves nothing behind.
 */
import { join } from "node:path";
import { z } from "zod";
import { PAGE_FOLDER, STORAGE_ORIGIN_VARIABLE } from "./contract";
import { createPageServer, type PageAnswer, type PageRequest } from "./serve-page";

const proxyEvent = z.object({
  httpMethod: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
  requestContext: z.object({ path: z.string().optional() }).optional(),
});
export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly isBase64Encoded: boolean;
  readonly body: string;
}

let serve: ((request: PageRequest) => PageAnswer) | undefined;

export const handler = async (event: unknown): Promise<ProxyAnswer> => {
  const { httpMethod, path, headers, requestContext } = proxyEvent.parse(event);
  serve ??= createPageServer(join(__dirname, PAGE_FOLDER), process.env[STORAGE_ORIGIN_VARIABLE]);
  const answer = serve({
    method: httpMethod,
    path,
    fullPath: requestContext?.path ?? path,
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
  });
  return {
    statusCode: answer.status,
    headers: answer.headers,
    isBase64Encoded: true,
    body: answer.body.toString("base64"),
  };
};
