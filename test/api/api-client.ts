/** The API behind real HTTP, and a client that checks every answer against the description and the common headers. */
import type { OpenApiDocument } from "../../lambda/api/openapi-document";
import { createApiWorld, type ApiWorld, type ApiWorldOptions } from "../support/api-world";
import { serveApi } from "../support/api-server";
import { Described } from "./described";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the API answers
  readonly json: any;
}
export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface ApiUnderTest extends ApiWorld {
  /** `http://127.0.0.1:<port>/backups/api/v2` */
  readonly base: string;
  readonly document: OpenApiDocument;
  /** As one of `PEOPLE`, or as nobody who signs in (null). `path` is what follows `/api/v2`, or begins with `/api/`. */
  readonly send: (person: string | null, method: string, path: string, options?: CallOptions) => Promise<Answer>;
  /** The same with a body of bytes, sent as they are and without any header of its own. */
  readonly sendBytes: (
    person: string | null,
    method: string,
    path: string,
    body: Buffer,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

export async function startApi(options: ApiWorldOptions = {}): Promise<ApiUnderTest> {
  const world = await createApiWorld(options);
  const { address, close } = await serveApi(world.api);
  const base = `${address}/api/v2`;
  const whole = (path: string): string => (path.startsWith("/api/") ? path : `/api/v2${path}`);
  standing ??= await readDescription(base);
  const { document, described } = standing;
  const ask = async (person: string | null, path: string, init: RequestInit): Promise<Answer> => {
    const { method = "GET" } = init;
    const response = await fetch(`${address}${whole(path)}`, {
      ...init,
      redirect: "manual",
      headers: { ...signInHeaders(world, person), ...(init.headers as Record<string, string>) },
    });
    const text = await response.text();
    described.check(method, whole(path).split("?")[0] ?? "", response.status, text);
    if (response.headers.get("cache-control") !== "no-store") throw new Error("An answer may be cached.");
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text === "" ? undefined : JSON.parse(text),
    };
  };
  const send: ApiUnderTest["send"] = (person, method, path, { body, headers = {} } = {}) =>
    ask(person, path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  const sendBytes: ApiUnderTest["sendBytes"] = (person, method, path, body, headers = {}) =>
    ask(person, path, { method, headers, body: new Uint8Array(body) });
  return { ...world, base, document, send, sendBytes, close };
}

/** The same for every world, so it is read once. */
let standing: { readonly document: OpenApiDocument; readonly described: Described } | undefined;
async function readDescription(base: string): Promise<NonNullable<typeof standing>> {
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as OpenApiDocument;
  return { document, described: new Described(document) };
}

export const signInHeaders = (world: ApiWorld, person: string | null): Record<string, string> =>
  person === null ? {} : { "Mendix-Username": person, "Mendix-ApiKey": world.keyOf(person) };

export const environmentPath = (environmentId: string, appId = "shop"): string =>
  `/apps/${appId}/environments/${environmentId}`;

/** What the error's body must be. */
export const refusal = (errorCode: string, sentence: RegExp = /./): unknown => ({
  errorCode,
  errorMessage: expect.stringMatching(sentence),
});
