/** Presigned URLs through the gateway: one object, until they expire by the simulated clock; and who may ask from a page. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { SimulatedClock } from "../../local/clock/simulated-clock";
import { CallRecord } from "../../local/gateway/call-record";
import { Cors, type CorsRule } from "../../local/gateway/cors";
import { Gateway } from "../../local/gateway/gateway";
import { ROLE_SECRET } from "../../local/gateway/presigned";
import { S3Gateway } from "../../local/gateway/s3-gateway";
import { StoreTimes } from "../../local/gateway/store-times";
import { UpstreamStore } from "../../local/gateway/upstream-store";
import { Replication } from "../../local/replication/replication";
import { SigningRole } from "../../lambda/runtime/signing-role-client";
import { S3Presigner } from "../../lambda/runtime/presigner-client";
import { stsService } from "../../local/gateway/sts-service";
import { assemble } from "./small-assembly";
import { startS3Server, type RunningS3Server } from "../support/s3-server/s3-server";

const BUCKET = "transfer";
const KEY = "archives/a b+ü/x.tar.gz";
const PAGE = "http://127.0.0.1:4711";
const RULE: CorsRule = {
  AllowedMethods: ["PUT"],
  AllowedOrigins: ["https://*.execute-api.eu-central-1.amazonaws.com"],
  AllowedHeaders: ["content-type"],
  MaxAge: 600,
};

const ROLES: Parameters<typeof assemble>[0] = {
  Downloads: {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: "downloads",
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::123456789012:role/api-role" } },
        ],
      },
    },
  },
};
const ROLE_ARN = "arn:aws:iam::123456789012:role/downloads";

let server: RunningS3Server;
let gateway: Gateway;
let clock: SimulatedClock;
let calls: CallRecord;
let client: S3Client;

beforeEach(async () => {
  server = await startS3Server();
  const upstream = { url: new URL(server.endpoint), credentials: server.credentials };
  clock = new SimulatedClock();
  calls = new CallRecord();
  const administrator = new UpstreamStore(() => upstream, "eu-central-1");
  const times = new StoreTimes(clock, administrator);
  gateway = new Gateway({
    account: "123456789012",
    clock,
    calls,
    s3: new S3Gateway(() => upstream, times, calls, new Replication([], administrator, times, clock)),
    cors: new Cors(new Map([[BUCKET, [RULE]]]), (origin) =>
      origin === PAGE ? "https://abc.execute-api.eu-central-1.amazonaws.com" : origin,
    ),
    servicesOf: () => upstream,
    local: { sts: stsService(assemble(ROLES), clock) },
    unsigned: () => undefined,
  });
  const endpoint = await gateway.listen();
  await administrator.clientOf("").send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const Key of [KEY, "archives/other"])
    await administrator.clientOf("").send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: "0123456789" }));
  client = new S3Client({
    endpoint: endpoint.origin,
    forcePathStyle: true,
    region: "eu-central-1",
    credentials: { accessKeyId: "api-role", secretAccessKey: ROLE_SECRET },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  await clock.skipTo(new Date(Date.now() + 30 * 86_400_000));
});
afterEach(async () => {
  clock.stop();
  gateway.close();
  client.destroy();
  await server.stop();
});

const getUrl = (seconds = 300): Promise<string> =>
  getSignedUrl(
    client,
    new GetObjectCommand({ Bucket: BUCKET, Key: KEY, ResponseContentDisposition: 'attachment; filename="x y.tar.gz"' }),
    { expiresIn: seconds, signingDate: clock.now() },
  );
const partUrl = (): Promise<string> =>
  getSignedUrl(client, new UploadPartCommand({ Bucket: BUCKET, Key: KEY, UploadId: "unknown", PartNumber: 1 }), {
    expiresIn: 300,
    signingDate: clock.now(),
  });
const refused = async (response: Response): Promise<string> => `${response.status} ${await response.text()}`;

test("a presigned URL gives its object, whole or a range of it, in its signer's name", async () => {
  const url = await getUrl();
  const whole = await fetch(url);
  expect(await whole.text()).toBe("0123456789");
  expect(whole.headers.get("content-disposition")).toBe('attachment; filename="x y.tar.gz"');
  const part = await fetch(url, { headers: { range: "bytes=2-4" } });
  expect([part.status, await part.text()]).toEqual([206, "234"]);
  expect(calls.calls()).toEqual([
    { role: "api-role", action: "s3:GetObject", resource: `arn:aws:s3:::${BUCKET}/${KEY}`, context: {} },
  ]);
});

test("it is for that object and method alone", async () => {
  const url = await getUrl();
  const other = url.replace(/archives\/[^?]+/, "archives/other");
  expect(await refused(await fetch(other))).toMatch(/^403 .*SignatureDoesNotMatch/);
  expect(await refused(await fetch(url, { method: "PUT", body: "x" }))).toMatch(/^403 .*SignatureDoesNotMatch/);
  expect(await refused(await fetch(`${url}&versionId=1`))).toMatch(/^403 .*SignatureDoesNotMatch/);
  expect(calls.calls()).toEqual([]);
});

test("it ends by the simulated clock, and can't be made longer", async () => {
  const url = await getUrl(300);
  await clock.skipTo(new Date(clock.now().getTime() + 290_000));
  expect((await fetch(url)).status).toBe(200);
  await clock.skipTo(new Date(clock.now().getTime() + 20_000));
  expect(await refused(await fetch(url))).toMatch(/^403 .*Request has expired/);
  expect((await fetch(url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"))).status).toBe(403);
});

describe("signed by the role that is assumed for it", () => {
  const presigner = async (seconds: number, caller = "api-role") => {
    const endpoint = await client.config.endpoint?.();
    const options = {
      region: "eu-central-1",
      endpoint: `http://127.0.0.1:${endpoint?.port}`,
      credentials: { accessKeyId: caller, secretAccessKey: ROLE_SECRET },
    };
    const reading = new SigningRole(ROLE_ARN, clock, options);
    const made = new S3Presigner({ ...options, clock, reading });
    const get = (method: "GET" | "HEAD" = "GET") =>
      made.getUrl({ bucket: BUCKET, key: KEY }, { seconds, fileName: "x y.tar.gz", method });
    return { get, reading };
  };
  const skip = (seconds: number): Promise<void> => clock.skipTo(new Date(clock.now().getTime() + seconds * 1000));

  test("it gives the file at once, whole and in parts, under its name, in that role's name", async () => {
    const { get } = await presigner(28_800);
    const { url, expiresAt } = await get();
    const left = (expiresAt.getTime() - clock.now().getTime()) / 1000;
    expect(left).toBeGreaterThan(3500);
    expect(left).toBeLessThanOrEqual(3600);
    const whole = await fetch(url, { redirect: "error" });
    expect([whole.status, await whole.text()]).toEqual([200, "0123456789"]);
    expect(whole.headers.get("content-disposition")).toBe('attachment; filename="x y.tar.gz"');
    const part = await fetch(url, { headers: { range: "bytes=8-" } });
    expect([part.status, await part.text()]).toEqual([206, "89"]);
    // S3 signs the method: whoever wants the headers alone follows the link with HEAD.
    expect((await fetch(url, { method: "HEAD" })).status).toBe(403);
    expect((await fetch((await get("HEAD")).url, { method: "HEAD" })).headers.get("content-length")).toBe("10");
    expect(calls.calls().map(({ role, action, resource }) => `${role} ${action} ${resource}`)).toEqual([
      `api-role sts:AssumeRole ${ROLE_ARN}`,
      `downloads s3:GetObject arn:aws:s3:::${BUCKET}/${KEY}`,
    ]);
  });

  test("it ends with the session, at the second that is told, and another look gives a new one", async () => {
    const { get } = await presigner(28_800);
    const { url, expiresAt } = await get();
    await skip((expiresAt.getTime() - clock.now().getTime()) / 1000 - 20);
    expect((await fetch(url)).status).toBe(200);
    const renewed = await get();
    await skip(40);
    expect(await refused(await fetch(url))).toMatch(/^40[03] /);
    expect((await fetch(renewed.url)).status).toBe(200);
    expect(renewed.expiresAt.getTime() - expiresAt.getTime()).toBeGreaterThan(3500_000);
  });

  test("a signature for longer than the session is of no use", async () => {
    const { reading } = await presigner(60);
    const { credentials, expiresAt } = await reading.session();
    const endpoint = await client.config.endpoint?.();
    const signer = new S3Client({
      region: "eu-central-1",
      endpoint: `http://127.0.0.1:${endpoint?.port}`,
      forcePathStyle: true,
      credentials,
    });
    const url = await getSignedUrl(signer, new GetObjectCommand({ Bucket: BUCKET, Key: KEY }), {
      expiresIn: 28_800,
      signingDate: clock.now(),
    });
    signer.destroy();
    expect((await fetch(url)).status).toBe(200);
    await skip((expiresAt.getTime() - clock.now().getTime()) / 1000 + 5);
    expect(await refused(await fetch(url))).toMatch(/^400 .*ExpiredToken/);
  });

  test("a session is used for five minutes, so that an address lasts 55 at least", async () => {
    const { get } = await presigner(28_800);
    const first = await get();
    await skip(290);
    expect((await get()).expiresAt).toEqual(first.expiresAt);
    await skip(20);
    const later = await get();
    expect(later.expiresAt.getTime()).toBeGreaterThan(first.expiresAt.getTime());
  });

  test("what is asked for less than that ends then", async () => {
    const { get } = await presigner(30);
    const { url, expiresAt } = await get();
    expect(expiresAt.getTime() - clock.now().getTime()).toBeLessThanOrEqual(30_000);
    await skip(35);
    expect(await refused(await fetch(url))).toMatch(/^403 .*Request has expired/);
  });

  test("nobody but whom its trust policy names may assume it", async () => {
    const { get } = await presigner(60, "another-role");
    await expect(get()).rejects.toThrow(/Assuming the role arn:aws:iam::123456789012:role\/downloads failed/);
  });
});

test("a page that the bucket's rule names may upload, and another may not", async () => {
  const url = await partUrl();
  const ask = (origin: string, headers = "content-type"): Promise<Response> =>
    fetch(url, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "PUT", "access-control-request-headers": headers },
    });
  const allowed = await ask(PAGE);
  expect(allowed.status).toBe(200);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    "access-control-allow-origin": PAGE,
    "access-control-allow-methods": "PUT",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "600",
  });
  for (const response of [await ask("http://evil.example"), await ask(PAGE, "x-other")]) {
    expect(response.status).toBe(403);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  }
});

test("answers carry the permission for the page that asked, also when S3 refuses", async () => {
  const url = await partUrl();
  const put = (origin: string): Promise<Response> => fetch(url, { method: "PUT", body: "x", headers: { origin } });
  const own = await put(PAGE);
  expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([404, PAGE]);
  expect((await put("http://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
});
