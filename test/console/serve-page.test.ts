/** The function that serves the page: what a browser, a proxy and an attacker may ask it for. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { STORAGE_ORIGIN_VARIABLE } from "../../lambda/console/contract";
import { S3Presigner } from "../../lambda/runtime/presigner-client";
import { buildConsole } from "./page-site";

type Handler = ReturnType<typeof buildConsole>;
let handler: Handler;
beforeAll(() => {
  handler = buildConsole();
});

const ask = (path: string, headers: Record<string, string> = {}, more: object = {}) =>
  handler({ httpMethod: "GET", path, headers, requestContext: { path: `/backups${path}` }, ...more });
const bodyOf = ({ body }: { readonly body: string }): Buffer => Buffer.from(body, "base64");
const assetsOf = async (): Promise<readonly string[]> => {
  const html = bodyOf(await ask("/")).toString();
  return [...html.matchAll(/"(assets\/[^"]+)"/g)].map(([, name]) => `/${name ?? ""}`);
};

test("the page itself is always asked for again, and fenced in", async () => {
  const { statusCode, headers } = await ask("/");
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  const policy = headers["content-security-policy"] ?? "";
  for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]) {
    expect(policy).toContain(rule);
  }
  expect(policy).not.toContain("unsafe");
});

test("in a deployment the page's browser talks to the API and to the bucket for uploads alone", async () => {
  const origin = "https://backups-123456789012-eu-central-1-transfer.s3.eu-central-1.amazonaws.com";
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "example" };
  const ref = { bucket: "backups-123456789012-eu-central-1-transfer", key: "uploads/1/archive" };
  const presigner = new S3Presigner({ region: "eu-central-1", credentials, clock: { now: () => new Date() } });
  const address = await presigner.partUrl(ref, { uploadId: "1", partNumber: 1, seconds: 60 });
  expect(new URL(address).origin).toBe(origin);
  process.env[STORAGE_ORIGIN_VARIABLE] = origin;
  jest.resetModules();
  const told = buildConsole();
  const { headers } = await told({ httpMethod: "GET", path: "/", headers: {} });
  delete process.env[STORAGE_ORIGIN_VARIABLE];
  expect(headers["content-security-policy"]).toContain(`connect-src 'self' ${origin};`);
});

test("its files are named by their hash and kept for ever, and are compressed as the browser can", async () => {
  const assets = await assetsOf();
  expect(assets.length).toBeGreaterThanOrEqual(5);
  for (const path of assets) {
    const plain = await ask(path);
    expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const brotli = await ask(path, { "Accept-Encoding": "gzip, deflate, br, zstd" });
    expect(brotli.headers).toMatchObject({ "content-encoding": "br", vary: "accept-encoding" });
    expect(brotliDecompressSync(bodyOf(brotli)).equals(bodyOf(plain))).toBe(true);
    const gzip = await ask(path, { "accept-encoding": "gzip, br;q=0" });
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(bodyOf(gzip)).equals(bodyOf(plain))).toBe(true);
    // Lambda answers with 6 MB at most; even a client that can't decompress gets less than a quarter of that.
    expect(plain.body.length).toBeLessThan(1.5 * 1024 ** 2);
    expect(brotli.body.length).toBeLessThan(256 * 1024);
  }
});

test("what the browser has already is not sent again; each encoding has a tag of its own", async () => {
  const first = await ask("/", { "accept-encoding": "br" });
  const etag = first.headers["etag"] ?? "";
  const again = await ask("/", { "accept-encoding": "br", "if-none-match": `"other", W/${etag}` });
  expect([again.statusCode, again.body]).toEqual([304, ""]);
  expect((await ask("/", { "if-none-match": etag })).statusCode).toBe(200);
});

test.each([
  "/files.json",
  "/.sources",
  "/index.html.br",
  "/../index.js",
  "/..%2findex.js",
  "/assets/../../index.js",
  "/constructor",
  "/__proto__",
  "/assets/",
  "/nothing",
])("only the page's own files are served: %s is not", async (path) => {
  const { statusCode, headers } = await ask(path);
  expect(statusCode).toBe(404);
  expect(headers["cache-control"]).toBe("no-store");
});

test("an address without its last slash leads to one below which the page's own addresses work", async () => {
  const { statusCode, headers } = await ask("/", {}, { requestContext: { path: "/backups" } });
  expect([statusCode, headers["location"]]).toEqual([308, "/backups/index.html"]);
  expect((await ask("/index.html")).statusCode).toBe(200);
});

test("the page is only read", async () => {
  expect((await ask("/", {}, { httpMethod: "POST" })).statusCode).toBe(405);
  const head = await ask("/", {}, { httpMethod: "HEAD" });
  expect([head.statusCode, head.body]).toEqual([200, ""]);
});
