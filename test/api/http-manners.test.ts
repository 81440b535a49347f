/** What HTTP asks of every address alike: methods, HEAD, slashes, charsets, sizes, compression. */
import { gunzipSync, gzipSync } from "node:zlib";
import { request } from "node:http";
import { answerProxyEvent, type ProxyEvent } from "../../lambda/api/proxy-event";
import { ACCEPTANCE, PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { environmentPath, refusal, signInHeaders, startApi, type ApiUnderTest } from "./api-client";

const LIST = `${environmentPath(PRODUCTION)}/snapshots`;
const ONE = `${LIST}/${SNAPSHOTS[0]?.snapshotId}`;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi({ snapshots: 200 });
});
afterAll(() => api.close());

describe("a method that an address doesn't have", () => {
  const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
  const fill = (template: string): string => template.replaceAll(/\{[^}]+\}/g, "x").replace("/api/v2", "");

  test("is 405 with Allow on every path of the description, whoever asks, and whatever the body", async () => {
    let tried = 0;
    for (const [template, operations] of Object.entries(api.document.paths ?? {})) {
      const own = Object.keys(operations as object).map((method) => method.toUpperCase());
      // A literal part is also an id to the path with the parameter.
      const others = Object.keys(api.document.paths ?? {})
        .filter((other) => other !== template && fits(other, template))
        .flatMap((other) => Object.keys(api.document.paths?.[other] as object).map((one) => one.toUpperCase()));
      const known = new Set([...own, ...others]);
      for (const method of METHODS.filter((one) => !known.has(one))) {
        const body = method === "GET" ? {} : { body: "{ broken" };
        const { status, headers, json } = await api.send(null, method, fill(template), body);
        const allow = headers.get("allow")?.split(", ");
        expect({ method, template, status }).toEqual({ method, template, status: 405 });
        expect(json).toEqual(refusal("NOT_SUPPORTED", new RegExp(`not for ${method}, but for`)));
        expect(allow).toEqual(expect.arrayContaining(own));
        expect(allow?.includes("HEAD")).toBe(known.has("GET"));
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(60);
  });
  const fits = (template: string, path: string): boolean => {
    const [wanted, given] = [template.split("/"), path.split("/")];
    return wanted.length === given.length && wanted.every((part, at) => part.startsWith("{") || part === given[at]);
  };

  test("OPTIONS says what there is, and 404 where nothing is", async () => {
    const { status, headers, text } = await api.send(null, "OPTIONS", ONE);
    expect([status, headers.get("allow"), text]).toEqual([204, "DELETE, GET, HEAD, OPTIONS, PUT", ""]);
    for (const method of ["OPTIONS", "PATCH", "GET"])
      expect((await api.send(null, method, "/nowhere")).status).toBe(404);
  });

  test("HEAD of what can't be got is 405, without a body", async () => {
    const { status, headers, text } = await api.send("admin", "HEAD", `${ONE}/keep-until`);
    expect([status, headers.get("allow"), text]).toEqual([405, "OPTIONS, PUT", ""]);
  });
});

test.each([LIST, ONE, "/me", "/openapi.json", `${LIST}/unknown`, `${LIST}?limit=nothing`])(
  "HEAD %s is GET without its body",
  async (path) => {
    const got = await api.send("reader", "GET", path);
    const head = await api.send("reader", "HEAD", path);
    expect(head).toMatchObject({ status: got.status, text: "" });
    for (const name of ["content-type", "cache-control", "vary", "x-content-type-options"])
      expect([name, head.headers.get(name)]).toEqual([name, got.headers.get(name)]);
  },
);

test.each(["/me", LIST, ONE, environmentPath(PRODUCTION), "/apps", "/regions", "/openapi.json"])(
  "%s/ is no other address",
  async (path) => {
    const [plain, slash] = [await api.send("reader", "GET", path), await api.send("reader", "GET", `${path}/`)];
    expect(slash).toMatchObject({ status: 200, text: plain.text });
    expect((await api.send("reader", "GET", `${path}//`)).status).toBe(404);
  },
);

test("a slash changes nothing of a query or a change either", async () => {
  expect((await api.send("reader", "GET", `${LIST}/?limit=3`)).json.snapshots).toHaveLength(3);
  const made = await api.send("operator", "POST", `${environmentPath(ACCEPTANCE)}/snapshots/`, {
    body: { comment: "a" },
  });
  expect(made).toMatchObject({ status: 200, json: { comment: "a" } });
  expect((await api.send(null, "PATCH", `${LIST}/`)).status).toBe(405);
});

describe("a body", () => {
  const comment = "Größe: 3 €, 北京, 😀";
  const text = JSON.stringify({ comment });
  const utf16be = Buffer.from(text, "utf16le").swap16();
  const put = (body: Buffer, headers: Readonly<Record<string, string>> = {}) =>
    api.sendBytes("operator", "PUT", ONE, body, headers);
  const json = (charset: string) => ({ "content-type": `application/json; charset=${charset}` });

  test.each([
    ["in UTF-8, said or not", Buffer.from(text), {}],
    ["in UTF-8 as a form, as curl says it", Buffer.from(text), { "content-type": "application/x-www-form-urlencoded" }],
    ["with a byte order mark", Buffer.from(`\uFEFF${text}`), json("utf-8")],
    ["in UTF-16, which its header names", Buffer.from(text, "utf16le"), json("utf-16le")],
    ["in UTF-16 with a byte order mark, unsaid", Buffer.from(`\uFEFF${text}`, "utf16le"), {}],
    ["in UTF-16, big end first, with a byte order mark", Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be]), {}],
    ["in UTF-16, big end first", utf16be, json('"UTF-16BE"')],
    ["with a mark that knows better than its header", Buffer.from(`\uFEFF${text}`, "utf16le"), json("utf-8")],
    ["that says it is not compressed", Buffer.from(text), { "content-encoding": "identity" }],
  ])("%s is read as what it is", async (_, body, headers) => {
    await put(Buffer.from('{"comment":"before"}'));
    expect(await put(body, headers)).toMatchObject({ status: 200, json: { comment } });
    expect((await api.send("reader", "GET", ONE)).json.comment).toBe(comment);
  });

  test("in Latin-1 is converted where it says so", async () => {
    expect(await put(Buffer.from('{"comment":"Größe"}', "latin1"), json("iso-8859-1"))).toMatchObject({
      status: 200,
      json: { comment: "Größe" },
    });
  });

  test.each([
    [
      "in Latin-1, unsaid",
      Buffer.from('{"comment":"Größe"}', "latin1"),
      {},
      400,
      /not valid utf-8; send JSON in UTF-8/,
    ],
    [
      "in Windows's own Latin-1",
      Buffer.from('{"comment":"3 \u0080"}', "latin1"),
      json("latin1"),
      400,
      /not valid latin1/,
    ],
    ["in another of Windows's own", Buffer.from(text), json("windows-1252"), 415, /charset "windows-1252"/],
    ["that breaks off within a letter", Buffer.from('{"comment":"ü').subarray(0, -1), {}, 400, /not valid utf-8/],
    ["with half a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), {}, 400, /not valid utf-8/],
    ["of half a character in UTF-16", utf16be.subarray(1), json("utf-16be"), 400, /not valid utf-16be/],
    ["in UTF-16, unsaid and unmarked", Buffer.from(text, "utf16le"), {}, 400, /./],
    ["in a charset that nobody knows", Buffer.from(text), json("klingon"), 415, /charset "klingon"/],
    ["in UTF-7", Buffer.from(text), json("utf-7"), 415, /charset "utf-7"/],
    ["that is compressed", gzipSync(text), { "content-encoding": "gzip" }, 415, /"content-encoding: gzip"/],
    ["that is compressed otherwise", Buffer.from(text), { "content-encoding": "br" }, 415, /uncompressed/],
    ["of more than 64 KiB", Buffer.alloc(65_537, 32), {}, 413, /larger than 65536 bytes/],
  ])("%s is refused, and nothing changed", async (_, body, headers, status, sentence) => {
    await put(Buffer.from('{"comment":"before"}'));
    const before = JSON.stringify(api.fakes.table.all());
    expect(await put(body, headers)).toMatchObject({ status, json: refusal("INVALID_PARAMETERS", sentence) });
    expect(JSON.stringify(api.fakes.table.all())).toBe(before);
  });
});

describe("a long list", () => {
  const raw = (
    path: string,
    encodings: string | undefined,
  ): Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...signInHeaders(api, "reader"),
        ...(encodings === undefined ? {} : { "accept-encoding": encodings }),
      };
      request(`${api.base}${path}`, { headers }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(pieces) }));
      })
        .on("error", reject)
        .end();
    });

  test.each(["gzip", "br, GZIP", "deflate, gzip;q=0.5, *;q=0"])(
    "is compressed for whoever accepts %s",
    async (accepted) => {
      const plain = await raw(LIST, undefined);
      const { headers, body } = await raw(LIST, accepted);
      expect(headers).toMatchObject({
        "content-encoding": "gzip",
        vary: "accept-encoding",
        "content-type": "application/json",
      });
      expect(gunzipSync(body).equals(plain.body)).toBe(true);
      expect(body.length).toBeLessThan(plain.body.length / 5);
    },
  );

  test.each([undefined, "", "identity", "br", "gzip;q=0", "x-gzipped"])(
    "is as it is for whoever accepts %s",
    async (accepted) => {
      const { headers, body } = await raw(LIST, accepted);
      expect(headers["content-encoding"]).toBeUndefined();
      expect(headers["vary"]).toBe("accept-encoding");
      expect(JSON.parse(body.toString())).toMatchObject({ limit: 100 });
    },
  );

  test("a short answer is not worth it", async () => {
    expect((await raw("/me", "gzip")).headers["content-encoding"]).toBeUndefined();
  });

  test("API Gateway is told that the body is base64 of bytes", async () => {
    const event = (accepted: string): ProxyEvent => ({
      httpMethod: "GET",
      path: `/api/v2${LIST}`,
      multiValueHeaders: {
        "Accept-Encoding": [accepted],
        ...Object.fromEntries(Object.entries(signInHeaders(api, "reader")).map(([name, value]) => [name, [value]])),
      },
      multiValueQueryStringParameters: null,
      body: null,
      isBase64Encoded: false,
      requestContext: { path: `/backups/api/v2${LIST}`, domainName: "host", requestId: "r" },
    });
    const packed = await answerProxyEvent(api.api, event("gzip"));
    expect(packed.isBase64Encoded).toBe(true);
    const plain = await answerProxyEvent(api.api, event("identity"));
    expect(gunzipSync(Buffer.from(packed.body, "base64")).toString()).toBe(plain.body);
    expect(Buffer.byteLength(packed.body)).toBeLessThan(Buffer.byteLength(plain.body) / 4);
  });
});
