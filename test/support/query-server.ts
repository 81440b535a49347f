/**
 * A local HTTP server that answers like an AWS service of the query protocol (RDS), so that the SDK's own serialisation,
 * retries and parsing are what is tested. Each request is told as its form.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface QueryAnswer {
  readonly status: number;
  readonly body: string;
}
export interface QueryServer {
  readonly endpoint: string;
  readonly requests: Readonly<Record<string, string>>[];
  close(): Promise<void>;
}

export const startQueryServer = async (
  answer: (form: Readonly<Record<string, string>>, count: number) => QueryAnswer | "hang up",
): Promise<QueryServer> => {
  const requests: Readonly<Record<string, string>>[] = [];
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    requests.push(form);
    const given = answer(form, requests.length);
    if (given === "hang up") request.socket.destroy();
    else response.writeHead(given.status, { "content-type": "text/xml" }).end(given.body);
  };
  const server = createServer((request, response) => void reply(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

export const queryError = (code: string, message = "no", status = 400): QueryAnswer => ({
  status,
  body:
    `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>${message}</Message></Error><RequestId>0f1e2d3c</RequestId></ErrorResponse>`,
});
