/** S3's client against a server that answers as told: which answer becomes which error. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ObjectStore } from "../../lambda/storage/object-store";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import {
  AccessRefused,
  BucketNotFound,
  ObjectChanged,
  ObjectExists,
  ObjectNotFound,
  RangeOutside,
  StorageError,
  StoreUnavailable,
  UploadNotFound,
} from "../../lambda/storage/storage-errors";
import { motoCredentials } from "../support/moto";

type Answer = (
  response: ServerResponse,
  request: { method: string; url: string; headers: Record<string, unknown> },
) => void;

const xml =
  (status: number, code: string, message = "told so"): Answer =>
  (response, request) => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(
      request.method === "HEAD"
        ? ""
        : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    );
  };
const ref = { bucket: "bucket", key: "some/key" };
const body = Buffer.from("x");

const refusal = (version: string) =>
  `<DeleteResult><Error><Key>a</Key>${version}<Code>AccessDenied</Code><Message>locked</Message></Error></DeleteResult>`;
const created = (response: ServerResponse): void =>
  void response
    .writeHead(200)
    .end("<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>");
const head =
  (headers: Record<string, string>): Answer =>
  (response) =>
    void response.writeHead(200, { "content-length": "9", ...headers }).end();

describe("S3's client maps answers to named errors", () => {
  let server: Server;
  let store: ObjectStore;
  let answers: Answer[] = [];
  let seen: { method: string; url: string; headers: Record<string, unknown> }[] = [];
  let open = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const asked = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers as Record<string, unknown>,
      };
      request.resume().on("end", () => {
        seen.push(asked);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        answer?.(response, asked);
      });
    });
    server.on("connection", (socket) => {
      open += 1;
      socket.once("close", () => (open -= 1));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    store = new S3Store(
      createS3Client({ region: "eu-central-1", endpoint, credentials: motoCredentials, maxAttempts: 2 }),
      { bodyIdleMs: 300 },
    );
  });
  beforeEach(() => {
    answers = [];
    seen = [];
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const read = async (): Promise<number> => {
    let size = 0;
    for await (const piece of (await store.get(ref)).body) size += piece.length;
    return size;
  };
  const freshStore = (): ObjectStore =>
    new S3Store(
      createS3Client({
        region: "eu-central-1",
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        credentials: motoCredentials,
      }),
    );

  const calls: Record<string, () => Promise<unknown>> = {
    get: () => store.get(ref),
    head: () => store.head(ref),
    put: () => store.put({ ...ref, body, onlyIfAbsent: true }),
    list: () => store.list("bucket", { prefix: "" }),
    complete: () => store.completeMultipart(ref, "upload", [{ partNumber: 1, etag: "e" }], { onlyIfAbsent: true }),
    part: () => store.uploadPart(ref, "upload", 1, body),
    abort: () => store.abortMultipart(ref, "upload"),
    retain: () =>
      store.retain({ ...ref, versionId: "v" }, { mode: "GOVERNANCE", until: new Date("2030-01-01T00:00:00Z") }),
    copy: () => store.copy({ ...ref, versionId: "v" }, { bucket: "bucket", key: "copy", onlyIfAbsent: true }),
    deleteBatch: () => store.deleteBatch("bucket", [{ key: "a", versionId: "v" }]),
  };

  const cases: [string, string, Answer, new (message: string) => Error][] = [
    ["get", "404 NoSuchKey", xml(404, "NoSuchKey"), ObjectNotFound],
    ["get", "404 NoSuchVersion", xml(404, "NoSuchVersion"), ObjectNotFound],
    ["get", "404 NoSuchBucket", xml(404, "NoSuchBucket"), BucketNotFound],
    ["get", "405 of a delete marker", xml(405, "MethodNotAllowed"), ObjectNotFound],
    [
      "get",
      "400 for another store's version id",
      xml(400, "InvalidArgument", "Invalid version id specified"),
      ObjectNotFound,
    ],
    ["get", "400 for anything else", xml(400, "InvalidArgument", "no"), StorageError],
    ["get", "403", xml(403, "AccessDenied"), AccessRefused],
    ["get", "400 ExpiredToken", xml(400, "ExpiredToken"), AccessRefused],
    ["get", "412", xml(412, "PreconditionFailed"), ObjectChanged],
    ["get", "416", xml(416, "InvalidRange"), RangeOutside],
    ["get", "500", xml(500, "InternalError"), StoreUnavailable],
    ["get", "503", xml(503, "SlowDown"), StoreUnavailable],
    ["get", "301 to another region", xml(301, "PermanentRedirect"), StorageError],
    ["get", "a closed connection", (response) => void response.destroy(), StoreUnavailable],
    [
      "get",
      "an error page of a proxy",
      (response) => void response.writeHead(502).end("<html>bad gateway"),
      StoreUnavailable,
    ],
    ["head", "404", xml(404, "-"), ObjectNotFound],
    ["head", "403", xml(403, "-"), AccessRefused],
    ["head", "405", xml(405, "-"), ObjectNotFound],
    ["head", "500", xml(500, "-"), StoreUnavailable],
    ["put", "412", xml(412, "PreconditionFailed"), ObjectExists],
    ["put", "409", xml(409, "ConditionalRequestConflict"), StoreUnavailable],
    ["put", "403", xml(403, "AccessDenied"), AccessRefused],
    ["put", "503", xml(503, "SlowDown"), StoreUnavailable],
    ["copy", "412", xml(412, "PreconditionFailed"), ObjectExists],
    ["copy", "a failure inside a 200", xml(200, "InternalError"), StoreUnavailable],
    ["complete", "412", xml(412, "PreconditionFailed"), ObjectExists],
    ["complete", "404", xml(404, "NoSuchUpload"), UploadNotFound],
    ["complete", "a failure inside a 200", xml(200, "InternalError"), StoreUnavailable],
    ["part", "404", xml(404, "NoSuchUpload"), UploadNotFound],
    ["retain", "403: it would shorten the lock", xml(403, "AccessDenied"), AccessRefused],
    ["deleteBatch", "403", xml(403, "AccessDenied"), AccessRefused],
    ["list", "404", xml(404, "NoSuchBucket"), BucketNotFound],
    [
      "list",
      "an answer cut off",
      (response) => void response.writeHead(200).end("<ListBucketResult><Contents><Key>a</"),
      StoreUnavailable,
    ],
  ];
  test.each(cases)("%s: %s", async (call, _name, answer, expected) => {
    answers = [answer];
    const error: unknown = await calls[call]?.().then(
      () => "resolved",
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StorageError);
    expect((error as Error).name).toBe(new expected("").name);
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  test("aborting what is gone is a success", async () => {
    answers = [xml(404, "NoSuchUpload")];
    await expect(store.abortMultipart(ref, "upload")).resolves.toBeUndefined();
  });
  test("one failure in passing is retried", async () => {
    answers = [
      xml(503, "SlowDown"),
      (response) => void response.writeHead(200, { etag: '"e"', "x-amz-version-id": "v1" }).end(),
    ];
    expect(await store.put({ ...ref, body })).toEqual({ etag: "e", versionId: "v1" });
    expect(seen).toHaveLength(2);
  });
  test("a refused deletion inside a 200 is never a success; without a version it counts for all of the key", async () => {
    answers = [(response) => void response.writeHead(200).end(refusal("<VersionId>1</VersionId>"))];
    const two = [
      { key: "a", versionId: "1" },
      { key: "a", versionId: "2" },
      { key: "b", versionId: "3" },
    ];
    const refused = { code: "AccessDenied", message: "locked" };
    expect(await store.deleteBatch("bucket", two)).toEqual({ refused: [{ key: "a", versionId: "1", ...refused }] });
    answers = [(response) => void response.writeHead(200).end(refusal(""))];
    expect(await store.deleteBatch("bucket", two)).toEqual({
      refused: [
        { key: "a", versionId: "1", ...refused },
        { key: "a", versionId: "2", ...refused },
      ],
    });
    expect(seen[0]?.headers["content-md5"]).toEqual(expect.any(String));
    expect(seen[0]?.headers["x-amz-bypass-governance-retention"]).toBeUndefined();
  });

  describe("a body", () => {
    const promised = { "content-length": "1000", etag: '"e"' };

    test("that ends early is unavailable, not short", async () => {
      answers = [
        (response) => {
          response.writeHead(200, promised);
          response.write(Buffer.alloc(400), () => void response.destroy());
        },
      ];
      await expect(read()).rejects.toBeInstanceOf(StoreUnavailable);
    });
    test("that stalls is unavailable", async () => {
      answers = [(response) => void response.writeHead(200, promised).write(Buffer.alloc(400))];
      await expect(read()).rejects.toThrow(/nothing arrived for 300 ms/);
    });
    test("that nobody waits for may take its time", async () => {
      answers = [(response) => void response.writeHead(200, { "content-length": "3" }).end("abc")];
      let text = "";
      for await (const piece of (await store.get(ref)).body) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        text += Buffer.from(piece).toString();
      }
      expect(text).toBe("abc");
    });
    test("left early closes its connection", async () => {
      answers = [
        (response) => void response.writeHead(200, { "content-length": String(1 << 30) }).write(Buffer.alloc(100_000)),
      ];
      const before = open;
      const content = await store.get(ref);
      for await (const piece of content.body) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(open).toBeLessThanOrEqual(before);
    });
  });

  describe("checksums of multipart uploads", () => {
    test("a server that doesn't know the type is asked for less, and remembered", async () => {
      const fresh = freshStore();
      answers = [
        (response, request) =>
          request.headers["x-amz-checksum-type"] === undefined
            ? created(response)
            : xml(400, "InvalidRequest")(response, request),
      ];
      expect(await fresh.createMultipart(ref)).toBe("u1");
      expect(seen).toHaveLength(2);
      expect(seen[1]?.headers["x-amz-checksum-algorithm"]).toBe("CRC32");
      expect(await fresh.createMultipart(ref)).toBe("u1");
      expect(seen).toHaveLength(3);
    });
    test("a server that knows no algorithm gets each part's MD5", async () => {
      const fresh = freshStore();
      answers = [
        (response, request) => {
          if (request.method === "PUT") response.writeHead(200, { etag: '"e"' }).end();
          else if (request.headers["x-amz-checksum-algorithm"] === undefined) created(response);
          else xml(501, "NotImplemented")(response, request);
        },
      ];
      await fresh.createMultipart(ref);
      seen = [];
      expect(await fresh.uploadPart(ref, "u1", 1, body)).toEqual({ partNumber: 1, etag: "e" });
      expect(seen[0]?.headers["content-md5"]).toEqual(expect.any(String));
      expect(seen[0]?.headers["x-amz-checksum-crc32"]).toBeUndefined();
    });
    test("any other refusal is told at once", async () => {
      answers = [xml(403, "AccessDenied")];
      await expect(freshStore().createMultipart(ref)).rejects.toBeInstanceOf(AccessRefused);
      expect(seen).toHaveLength(1);
    });
  });

  test("a composite checksum is not the object's", async () => {
    answers = [head({ etag: '"abc-2"', "x-amz-checksum-crc32": "jNwWgw==-2", "x-amz-checksum-type": "COMPOSITE" })];
    expect((await store.head(ref)).crc32).toBeUndefined();
    answers = [head({ etag: '"abc-2"', "x-amz-checksum-crc32": "jNwWgw==" })];
    expect((await store.head(ref)).crc32).toBeUndefined();
    answers = [head({ etag: '"abc-2"', "x-amz-checksum-crc32": "jNwWgw==", "x-amz-checksum-type": "FULL_OBJECT" })];
    expect((await store.head(ref)).crc32).toBe("jNwWgw==");
    answers = [head({ etag: '"abc"', "x-amz-checksum-crc32": "jNwWgw==" })];
    expect((await store.head(ref)).crc32).toBe("jNwWgw==");
  });
});
