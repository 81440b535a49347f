/**
 * What can be known before anything is started, in a second: the stage, the region, the port, the disk, the places to
 * write to, and all that the files of one's own environments say. Each mistake ends the run in one SetupFailure.
 */
import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, resolve } from "node:path";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage, rowOf, type Stage } from "../lib/config/load-configuration";
import type { NightlyRow } from "../lib/regions/nightly-table";
import { checkOwnFile, readOwnFiles, type OwnServer } from "./environments/own-file";
import { checkOwnPlaces, type NamedFile } from "./environments/own-places";
import type { Upstream } from "./gateway/sign";
import type { Options } from "./options";
import { SetupFailure } from "./setup/programs";
import { chooseStore } from "./upstreams";

/** Measured with 1100 files, rounded up: servers, buckets in two regions, downloads, logs. */
const NEEDED_MB = { checks: 2000, page: 500 };

export interface ChosenStage {
  readonly stage: Stage;
  readonly row: NightlyRow;
}
export interface Checked extends ChosenStage {
  readonly own: readonly NamedFile[];
  /** Of `own`, in the same order. */
  readonly servers: readonly OwnServer[];
  /** What AWS_ENDPOINT_URL_S3 names; undefined: the run's own moto. */
  readonly store: Upstream | undefined;
}

/** Throws SetupFailure for the first mistake; what takes longest comes last. */
export const preflight = async (
  options: Options,
  home: string,
  variables: NodeJS.ProcessEnv = process.env,
): Promise<Checked> => {
  const { stage, row } = chooseStage(options.stage, options.region);
  const own = readOwnFiles(options.environment);
  checkOwnPlaces(own, stage, options.region);
  if (own.length > 0 && !variables["AWS_ENDPOINT_URL_S3"])
    throw new SetupFailure(
      "--environment needs the S3 server that holds the environment's files: set AWS_ENDPOINT_URL_S3 and its credentials.",
    );
  checkOutputs(options);
  checkDisk(home, options.exit);
  if (options.port !== undefined) await checkPort(options.port);
  const store = await chooseStore(variables, options.region);
  const servers: OwnServer[] = [];
  if (store !== undefined)
    for (const [index, file] of own.entries()) servers.push(await checkOwnFile(file, store, options.region, index > 0));
  return { stage, row, own, servers, store };
};

/** Throws SetupFailure for a stage or a region that there isn't. */
export const chooseStage = (name: string, region: string): ChosenStage => {
  try {
    const stage = loadStage(name);
    return { stage, row: rowOf(stage, region) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const sentence = error.message.replace("with -c stage=", "with --stage");
    throw new SetupFailure(sentence, { cause: error });
  }
};

/** Throws SetupFailure when `port` of loopback is taken, or not for us. */
export const checkPort = (port: number): Promise<void> =>
  new Promise((done, reject) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => {
      const why = code === "EADDRINUSE" ? "is taken by another program" : `can't be had (${code})`;
      reject(new SetupFailure(`Port ${port} ${why}: give --port another number, or leave it out.`));
    });
    server.listen(port, "127.0.0.1", () => server.close(() => done()));
  });

/** Throws SetupFailure where the runs' folder can't be made or written to. */
export const checkHome = (home: string): void =>
  checkWritable(home, "The run needs the folder", "make it writable, or run from a copy of the project that is yours");

/** Throws SetupFailure where the disk is nearly full. */
export const checkDisk = (home: string, exit: boolean, free = freeMegabytes): void => {
  const needed = exit ? NEEDED_MB.checks : NEEDED_MB.page;
  const found = free(home);
  if (found < needed)
    throw new SetupFailure(
      `The disk of ${home} has ${found} MB free, and the run needs about ${needed} MB: make room there, then try again.`,
    );
};

/** Throws SetupFailure when what the run is to leave behind could not be written. */
export const checkOutputs = ({ report, logs }: { readonly report?: string; readonly logs?: string }): void => {
  if (report !== undefined) {
    if (existsSync(report) && statSync(report).isDirectory())
      throw new SetupFailure(`--report ${report} is a folder: name a file.`);
    checkWritable(
      dirname(resolve(report)),
      "--report needs the folder",
      "name a file in a folder that you may write to",
    );
  }
  if (logs !== undefined) checkWritable(resolve(logs), "--logs needs the folder", "name one that you may write to");
};

const checkWritable = (folder: string, need: string, advice: string): void => {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" || code === "ENOTDIR" ? "a file is in its place" : REASONS[code ?? ""];
    throw new SetupFailure(`${need} ${folder}, but ${why ?? `it can't be made (${code})`}: ${advice}.`, {
      cause: error,
    });
  }
};

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "it may not be written to",
  EPERM: "it may not be written to",
  EROFS: "its disk is read-only",
  ENOSPC: "its disk is full",
};

const freeMegabytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return Math.floor((bavail * bsize) / 1e6);
};

/** What the operating system refuses in the middle of a run, in a sentence; undefined for anything else. */
export const systemSentence = (error: Error): string | undefined => {
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path === undefined ? "" : ` (${path})`;
  if (code === "ENOSPC" || /No space left on device/i.test(error.message))
    return `The disk is full${where}: make room where the project and the temporary files are, then try again.`;
  if (code === "EDQUOT") return `Your disk quota is used up${where}: make room, then try again.`;
  if (code === "EROFS") return `The disk is read-only${where}: run from a copy of the project that you may write to.`;
  if (code === "EACCES" || code === "EPERM")
    return `The system refuses access${where}: make it yours, or run from a copy of the project that is.`;
  if (code === "EMFILE" || code === "ENFILE")
    return "Too many files are open: raise the limit (ulimit -n 4096), then try again.";
  if (code === "ENOMEM" || code === "EAGAIN")
    return "The system has no memory or no processes left: end something else, then try again.";
  return undefined;
};
