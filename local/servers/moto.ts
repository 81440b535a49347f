/** A private moto server: the AWS API on loopback, in memory. It is gone when the run ends. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { SetupFailure } from "../setup/programs";
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
  let said = "";
  for (const output of [child.stdout, child.stderr]) {
    output?.pipe(log);
    output?.on("data", (piece: Buffer) => (said = (said + piece.toString()).slice(-2_000)));
  }
  child.once("error", (error) => (said = error.message));
  const url = new URL(`http://localhost:${port}`);
  const limit = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || child.pid === undefined)
      throw new SetupFailure(
        `${program} ended at once (${said.trim().split("\n").at(-1)}): remove it, or mend its installation, then try again; without it the run installs its own.`,
      );
    if (await answers(url)) break;
    if (Date.now() > limit)
      throw new SetupFailure(
        `${program} did not answer within ${START_LIMIT_MS / 1000} s (${said.trim().split("\n").at(-1)}): try again when the machine is less busy.`,
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
