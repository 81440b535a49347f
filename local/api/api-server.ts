/**
 * API Gateway: serves the REST API of the templates on loopback. A request becomes the proxy event of the function
 * that its resource names, and the function's answer becomes the response, with AWS's limits on sizes and time.
 * A failure leaves nothing behind; networks and throttling of the templates are not enforced here.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { SimulatedClock } from "../clock/simulated-clock";
import type { Functions } from "../functions/functions";
import { SetupFailure } from "../setup/programs";
import { writeAccessLine } from "./access-log";
import { matchPath } from "./match-path";
import { readProxyAnswer, type HttpAnswer } from "./proxy-answer";
import { proxyEvent } from "./proxy-event";
import { refusal, type RefusalType } from "./refusals";
import type { RestApi } from "./rest-api";

export interface ApiServerOptions {
  readonly api: RestApi;
  readonly functions: Pick<Functions, "invoke">;
  readonly clock: SimulatedClock;
  readonly logFolder: string;
}

/** A REST API's own limit, and that of a function's event and answer. */
const LONGEST_BODY = 10 * 1024 * 1024;
const LONGEST_PAYLOAD = 6 * 1024 * 1024;

export class ApiServer {
  private readonly server: Server;
  private port = 0;

  constructor(private readonly options: ApiServerOptions) {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  /** `port` 0 is any free one. Throws SetupFailure when the port can't be had. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", (error: NodeJS.ErrnoException) =>
        reject(
          new SetupFailure(
            `The API can't be served at port ${port} (${error.code}): give --port another number, or leave it out.`,
            { cause: error },
          ),
        ),
      );
      this.server.listen(port, "127.0.0.1", resolve);
    });
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Such as `http://127.0.0.1:4711`. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  /** The page; the API is at `api/v2/` below it. */
  get address(): string {
    return `${this.origin}/${this.options.api.stage}/`;
  }
  /** What a page that is served here has as its origin once the API is deployed. */
  onAws(origin: string): string {
    const { id, region } = this.options.api;
    const own = origin === this.origin || origin === `http://localhost:${this.port}`;
    return own ? `https://${id}.execute-api.${region}.amazonaws.com` : origin;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begin = Date.now();
    const requestId = randomUUID();
    // Another site's page could otherwise reach us under a name of its own that leads to loopback.
    if (!new RegExp(`^(127\\.0\\.0\\.1|localhost):${this.port}$`).test(request.headers.host ?? ""))
      return send(response, requestId, this.refuse("ACCESS_DENIED"));
    const [target = "/", search = ""] = (request.url ?? "/").split("?", 2);
    const { stage } = this.options.api;
    if (target === "/" || target === `/${stage}`)
      return send(response, requestId, { status: 302, headers: { location: `/${stage}/` }, body: Buffer.alloc(0) });
    const path = target.startsWith(`/${stage}/`) ? target.slice(stage.length + 1) : undefined;
    const { answer, context } = await this.answer(request, path, search, requestId).catch(() => ({
      answer: this.refuse("API_CONFIGURATION_ERROR"),
      context: { requestId },
    }));
    send(response, requestId, answer, () => this.refuse("API_CONFIGURATION_ERROR"));
    await this.log(context, answer, Date.now() - begin).catch(() => undefined);
  }

  /** `path` is what follows the stage; undefined for another stage, which there is not. */
  private async answer(
    request: IncomingMessage,
    path: string | undefined,
    search: string,
    requestId: string,
  ): Promise<{ answer: HttpAnswer; context: Readonly<Record<string, unknown>> }> {
    const { api, clock } = this.options;
    const body = await readLimited(request, LONGEST_BODY);
    const match = path === undefined ? undefined : matchPath(api.resources, request.method ?? "GET", path);
    if (body === undefined) return { answer: this.refuse("REQUEST_TOO_LARGE"), context: { requestId } };
    if (match === undefined || path === undefined)
      return { answer: this.refuse("MISSING_AUTHENTICATION_TOKEN"), context: { requestId } };
    const sourceIp = request.socket.remoteAddress ?? "127.0.0.1";
    const asked = { message: request, path, search, body, sourceIp, requestId, now: clock.now() };
    const event = proxyEvent(api, match, asked);
    const { functionArn, timeoutMs } = match.method;
    const answer = await this.invoke(functionArn, timeoutMs, event, request.headers.accept).catch(() =>
      this.refuse("API_CONFIGURATION_ERROR"),
    );
    return { answer, context: event.requestContext };
  }

  private async invoke(
    functionArn: string,
    timeoutMs: number,
    event: unknown,
    accept: string | undefined,
  ): Promise<HttpAnswer> {
    if (Buffer.byteLength(JSON.stringify(event)) > LONGEST_PAYLOAD) return this.refuse("REQUEST_TOO_LARGE");
    const result = await inTime((onBegin) => this.options.functions.invoke(functionArn, event, onBegin), timeoutMs);
    if (result === TOO_LATE) return this.refuse("INTEGRATION_TIMEOUT");
    if (Buffer.byteLength(JSON.stringify(result ?? null)) > LONGEST_PAYLOAD)
      return this.refuse("API_CONFIGURATION_ERROR");
    const answer = readProxyAnswer(result, this.options.api.binaryMediaTypes, accept);
    return answer ?? this.refuse("API_CONFIGURATION_ERROR");
  }

  private refuse(type: RefusalType): HttpAnswer {
    return refusal(this.options.api.gatewayResponses, type);
  }

  private async log(context: Readonly<Record<string, unknown>>, answer: HttpAnswer, latency: number): Promise<void> {
    const { api, logFolder } = this.options;
    if (api.accessLogFormat === undefined) return;
    await writeAccessLine(join(logFolder, "api-access.log"), api.accessLogFormat, {
      ...context,
      status: answer.status,
      responseLength: answer.body.length,
      responseLatency: latency,
      integrationLatency: latency,
    });
  }
}

const TOO_LATE = Symbol("too late");

/** Time counts from the function's turn on: Lambda would not have let it wait. */
const inTime = async <T>(
  begin: (onBegin: () => void) => Promise<T>,
  timeoutMs: number,
): Promise<T | typeof TOO_LATE> => {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (outcome: typeof TOO_LATE) => void = () => undefined;
  const late = new Promise<typeof TOO_LATE>((resolve) => (giveUp = resolve));
  const work = begin(() => {
    timer = setTimeout(() => giveUp(TOO_LATE), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // After a timeout the function works on to its end, as in Lambda; nobody hears of it.
    work.catch(() => undefined);
  }
};

const send = (
  response: ServerResponse,
  requestId: string,
  { status, headers, body }: HttpAnswer,
  /** For headers that can't be sent: to API Gateway the answer is malformed then. */
  otherwise?: () => HttpAnswer,
): void => {
  try {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  } catch (error) {
    if (otherwise === undefined) throw error;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    return send(response, requestId, otherwise());
  }
  response.setHeader("x-amzn-requestid", requestId);
  const bodiless = status === 204 || status === 304;
  if (!bodiless) response.setHeader("content-length", body.length);
  response.writeHead(status);
  response.end(bodiless || response.req.method === "HEAD" ? undefined : body);
};

/** Undefined when there is more than `limit`; the rest is read and forgotten, so that the client hears the answer. */
const readLimited = async (message: AsyncIterable<Buffer>, limit: number): Promise<Buffer | undefined> => {
  let pieces: Buffer[] | undefined = [];
  let size = 0;
  for await (const piece of message) {
    size += piece.length;
    if (size > limit) pieces = undefined;
    pieces?.push(piece);
  }
  return pieces === undefined ? undefined : Buffer.concat(pieces);
};
