/** Sends a request to the letter, as no client library would leave it: header names, HTTP version, empty bodies. */
import { request } from "node:http";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";

export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
  readonly http: "1.0" | "1.1";
}
export interface RawAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

export const sendAsRecorded = (asked: RawRequest): Promise<RawAnswer> =>
  asked.http === "1.0" ? bySocket(asked) : byRequest(asked);

const allHeaders = ({ url, headers, body }: RawRequest): readonly (readonly [string, string])[] => [
  ["Host", new URL(url).host],
  ...headers,
  ...(body === undefined ? [] : [["Content-Length", String(Buffer.byteLength(body))] as const]),
];

const byRequest = (asked: RawRequest): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const sent = request(asked.url, { method: asked.method, headers: allHeaders(asked).flat() }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => {
        const bytes = Buffer.concat(pieces);
        const isZipped = response.headers["content-encoding"] === "gzip";
        const text = (isZipped ? gunzipSync(bytes) : bytes).toString("utf8");
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, text });
      });
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(asked.body);
  });

const bySocket = (asked: RawRequest): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = new URL(asked.url);
    const head = [
      `${asked.method} ${pathname}${search} HTTP/1.0`,
      ...allHeaders(asked).map(([name, value]) => `${name}: ${value}`),
    ];
    const pieces: Buffer[] = [];
    const socket = connect(Number(port), hostname, () =>
      socket.write(`${head.join("\r\n")}\r\n\r\n${asked.body ?? ""}`),
    );
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("error", reject);
    socket.on("close", () => {
      const [first = "", ...rest] = Buffer.concat(pieces).toString("utf8").split("\r\n\r\n");
      resolve({ status: Number(first.split(" ")[1]), location: undefined, text: rest.join("\r\n\r\n") });
    });
  });
