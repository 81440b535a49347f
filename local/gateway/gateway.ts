/**
 * The AWS endpoint of everything the local run starts: one HTTP server on loopback. It knows each caller's role from
 * its signature, records every call, serves Step Functions, ECS and Lambda itself, and hands the rest to moto or
 * to the S3 server. An unknown operation is answered with an error and remembered, so that the run can't pass.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SimulatedClock } from "../clock/simulated-clock";
import type { CallRecord } from "./call-record";
import type { Cors } from "./cors";
import { forward } from "./forward";
import { readBody, readIncoming, type Incoming } from "./incoming";
import { checkPresigned, isPresigned, PresignedRefused } from "./presigned";
import type { S3Gateway } from "./s3-gateway";
import { serviceActions, serviceContext, type ServiceRequest } from "./service-actions";
import type { Upstream } from "./sign";

/** A service that the local run provides itself. Throws ServiceError for what AWS would refuse. */
export type LocalService = (request: ServiceRequest, role: string) => Promise<LocalAnswer>;
export interface LocalAnswer {
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export class ServiceError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface GatewayOptions {
  readonly account: string;
  readonly clock: SimulatedClock;
  readonly calls: CallRecord;
  readonly s3: S3Gateway;
  readonly cors: Cors;
  /** moto, for the services that nothing here provides, by region. */
  readonly servicesOf: (region: string) => Upstream;
  readonly local: Readonly<Record<string, LocalService>>;
  /** Paths that need no signature, such as a task's metadata. */
  readonly unsigned: (path: string) => unknown;
}

export class Gateway {
  private readonly server: Server;
  /** Operations that nothing here knows: each is a failure of the run. */
  readonly unknown: string[] = [];

  constructor(private readonly options: GatewayOptions) {
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.requestTimeout = 0;
  }

  async listen(): Promise<URL> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader("date", this.options.clock.now().toUTCString());
    try {
      if (request.method === "OPTIONS") return this.options.cors.preflight(request, response);
      for (const [name, value] of Object.entries(this.options.cors.headersFor(request)))
        response.setHeader(name, value);
      const free = this.options.unsigned(request.url ?? "/");
      if (free !== undefined) return answerJson(response, 200, free);
      if (isPresigned(request)) checkPresigned(request, this.options.clock.now());
      await this.options.clock.during(() => this.route(readIncoming(request), response));
    } catch (error) {
      this.answerError(request, response, error as Error);
    }
  }

  private async route(incoming: Incoming, response: ServerResponse): Promise<void> {
    if (incoming.service === "s3") return this.options.s3.handle(incoming, response);
    const body = await readBody(incoming.message);
    const { service, region, path, role } = incoming;
    const request = {
      service,
      region,
      account: this.options.account,
      target: incoming.headers["x-amz-target"],
      path,
      body: body.toString(),
    };
    this.options.calls.add(role, serviceActions(request), serviceContext(request));
    const local = this.options.local[service];
    if (local !== undefined) {
      const answer = await local(request, role);
      return answerJson(response, 200, answer.body, answer.headers);
    }
    const answer = await forward(incoming, this.options.servicesOf(region), body);
    const content = await readBody(answer.body);
    response.writeHead(answer.status, { ...answer.headers, "content-length": String(content.length) });
    response.end(content);
  }

  private answerError(request: IncomingMessage, response: ServerResponse, error: Error): void {
    if (response.headersSent) return void response.destroy(error);
    if (error instanceof PresignedRefused) {
      response.writeHead(error.status, { "content-type": "application/xml" });
      response.end(`<Error><Code>${error.code}</Code><Message>${error.message}</Message></Error>`);
      // Whatever the client still sends is of no use.
      request.resume();
      return;
    }
    if (error instanceof ServiceError) return answerJson(response, 400, { __type: error.code, message: error.message });
    if (error.name === "UnknownOperation") {
      this.unknown.push(error.message);
      return answerJson(response, 501, { __type: "NotImplemented", message: error.message });
    }
    // A broken connection to the server behind the gateway: AWS would say 503, and clients try again.
    answerJson(response, 503, {
      __type: "ServiceUnavailable",
      // Without the query: a presigned URL's carries its signature.
      message: `${request.method} ${request.url?.split("?")[0]}: ${error.message}`,
    });
  }
}

const answerJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
};
