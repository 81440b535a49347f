/** A private moto server: the AWS API on loopback, in memory. It is gone when the run ends. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { endProcess, startProcess } from "./child-processes";
import { freePort } from "./free-port";
import type { Upstream } from "../gateway/sign";

export interface MotoServer extends Upstream {
  stop(): Promise<void>;
}

export interface MotoOptions {
  /** Path of the `moto_server` program. */
  readonly program: string;
  readonly logFolder: string;
  readonly account?: string;
}

const START_LIMIT_MS = 30_000;

export const startMoto = async ({ program, logFolder, account }: MotoOptions): Promise<MotoServer> => {
  const port = await freePort();
  const child = startProcess(program, ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...(account === undefined ? {} : { MOTO_ACCOUNT_ID: account }),
      PYTHONUNBUFFERED: "1",
      PYTHONPATH: join(__dirname, "moto-without-copies"),
    },
  });
  const log = createWriteStream(join(logFolder, "moto.log"));
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  const url = new URL(`http://localhost:${port}`);
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`moto_server ended at once; see ${join(logFolder, "moto.log")}.`);
    if (await answers(url)) break;
    if (Date.now() > limit)
      throw new Error(
        `moto_server did not answer within ${START_LIMIT_MS / 1000} s; see ${join(logFolder, "moto.log")}.`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, credentials: { accessKeyId: "local", secretAccessKey: "local" }, stop: () => endProcess(child) };
};

const answers = async (url: URL): Promise<boolean> => {
  try {
    const response = await fetch(new URL("/moto-api/", url), { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return true;
  } catch {
    return false;
  }
};
