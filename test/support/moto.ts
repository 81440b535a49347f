/** A local AWS API server (moto) for tests, on a free port of its own; stopped with `stop`, or with this process. */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { CreateBucketCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { createS3Client } from "../../lambda/storage/s3-connection-client";

export interface Moto {
  readonly endpoint: string;
  /** Forgets everything: buckets, tables, executions. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}
export const motoCredentials = { accessKeyId: "test", secretAccessKey: "test" };
const START_MS = 60_000;

/** `pageLimit`: keys a list page holds; S3's 1,000 unless a test wants to see paging with few. */
export const startMoto = async (options: { readonly pageLimit?: number } = {}): Promise<Moto> => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    env: { ...process.env, MOTO_S3_DEFAULT_MAX_KEYS: String(options.pageLimit ?? 1000) },
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) =>
      resolve(`moto_server could not be started (${error.message}): install it with pip install 'moto[server]'.`),
    );
    child.once("exit", (code) => resolve(`moto_server ended with ${code}.`));
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  await untilReady(endpoint, ended, child);
  return {
    endpoint,
    async reset() {
      await fetch(`${endpoint}/moto-api/reset`, { method: "POST" });
    },
    async stop() {
      process.removeListener("exit", kill);
      child.kill("SIGTERM");
      const timer = setTimeout(kill, 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
};

/** A bucket at moto, as an operator would make it. */
export const createMotoBucket = async (
  moto: Moto,
  bucket: string,
  options: { readonly region?: string; readonly objectLock?: boolean; readonly versioned?: boolean } = {},
): Promise<void> => {
  const region = options.region ?? "eu-central-1";
  const client = createS3Client({ region, endpoint: moto.endpoint, credentials: motoCredentials });
  await client.send(
    new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: options.objectLock ?? false }),
  );
  if (options.objectLock === true || options.versioned === true) {
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }),
    );
  }
  client.destroy();
};

const untilReady = async (endpoint: string, ended: Promise<string>, child: ChildProcess): Promise<void> => {
  let failure: string | undefined;
  void ended.then((reason) => (failure = reason));
  const until = Date.now() + START_MS;
  for (;;) {
    const answer = await fetch(`${endpoint}/moto-api/data.json`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (failure !== undefined) throw new Error(failure);
    if (Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`moto_server did not answer on ${endpoint} within ${START_MS / 1000} seconds.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
