/** Answers as AWS Backup sends them: JSON, and a failure's type in a header. */
import { Readable } from "node:stream";

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Readable;
}

export const success = (body: unknown): HttpResponse => json(200, body);
export const failure = (status: number, type: string, message: string): HttpResponse =>
  json(status, { Code: "ERROR", Message: message, Type: "Client" }, { "x-amzn-errortype": type });
const json = (statusCode: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  statusCode,
  headers: { "content-type": "application/json", ...headers },
  body: Readable.from([Buffer.from(JSON.stringify(body))]),
});
