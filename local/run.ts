/**
 * A run on this machine from its beginning to its end: does its work, says what was found, and takes everything down
 * again. Whatever happens, no server is left behind; the folder `.local/run-…` with the logs stays when something went
 * wrong.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalApp } from "./local-app";
import { checkHome, systemSentence } from "./preflight";
import { endProcesses, keepFolder, startWatchdog, watchFolder } from "./servers/child-processes";
import type { Surroundings } from "./set-up";
import { SetupFailure } from "./setup/programs";
import { CANNOT_SHOW } from "./story/cannot-show";
import { close } from "./story/closing";
import { Progress } from "./story/progress";
import { Report } from "./story/report";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Whoever read the output has gone, as `head` does: the end that SIGPIPE would have made. */
const NOBODY_READS = 141;

export interface RunOptions {
  /** Where everything that was found out is written as JSON. */
  readonly report?: string;
  /** Where a copy of the run's logs goes. */
  readonly logs?: string;
}

/** Ends the process. `stay` comes after work without failures, instead of the closing table. */
export const run = async (
  options: RunOptions,
  work: (surroundings: Surroundings) => Promise<void>,
  stay?: () => Promise<void>,
): Promise<void> => {
  const locals: LocalApp[] = [];
  const progress = new Progress(() => locals.at(-1)?.clock.now());
  const report = new Report((check) => progress.check(check));
  const home = join(__dirname, "..", ".local");
  const folder = openFolder(home);
  const undo: (() => Promise<void>)[] = [];
  const takeDown = once(async () => {
    for (const local of locals) local.stop();
    await endProcesses();
    for (const step of undo.toReversed()) await step().catch((error: Error) => progress.step(error.message));
  });
  let ending = false;
  const end = (code: number, keepLogs: boolean): void => {
    if (ending) return;
    ending = true;
    void takeDown().finally(() => {
      if (!keepLogs) rmSync(folder, { recursive: true, force: true });
      process.exit(code);
    });
  };
  for (const [signal, code] of Object.entries(SIGNALS))
    process.on(signal, () => {
      progress.line("\nEnding …");
      end(code, false);
    });
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => end(NOBODY_READS, false));
  // What goes wrong beside the work, such as a log that can't be written because the disk is full.
  for (const event of ["uncaughtException", "unhandledRejection"])
    process.on(event, (error: Error) => {
      if (ending) return;
      progress.line(`\nThe run broke off: ${tell(error)}`);
      keepFailure(folder, error);
      end(1, true);
    });

  // npm that is killed tells its script nothing; a script of its own may well outlive the shell that started it.
  const parent = process.ppid;
  if (process.env["npm_lifecycle_event"] !== undefined)
    setInterval(() => {
      if (process.ppid !== parent) end(SIGNALS.SIGHUP, false);
    }, 1000).unref();

  let unready = false;
  try {
    await work({ home, folder, undo, progress, report, onLocal: (started) => locals.push(started) });
  } catch (error) {
    unready = error instanceof SetupFailure;
    const what = unready ? "the run could begin" : "the story was told to its end";
    // A stack is for the logs: whoever reads the screen needs the sentence.
    report.check("run", what, false, tell(error as Error));
    if (!unready) keepFailure(folder, error as Error);
  }
  if (locals.length > 0) {
    report.facts["functions"] = Object.fromEntries(locals.flatMap(({ functions }) => [...functions.timings]));
    report.facts["calls"] = locals.flatMap(({ calls }) => calls.calls());
  }
  const stays = report.passed && stay !== undefined;
  if (!unready && !stays) close(report, progress);
  if (options.report !== undefined) report.write(options.report, CANNOT_SHOW);
  if (!report.passed && !unready) progress.line(`Logs of functions, task and servers: ${folder}`);
  else if (stays) await stay();
  await takeDown();
  if (options.logs !== undefined && locals.length > 0) cpSync(join(folder, "logs"), options.logs, { recursive: true });
  if (report.passed || unready) rmSync(folder, { recursive: true, force: true });
  else keepFolder(folder);
  process.exit(report.passed ? 0 : 1);
};

/** This run's own folder below `home`; what the run leaves when it is killed goes with the watchdog. */
const openFolder = (home: string): string => {
  try {
    checkHome(home);
    const folder = mkdtempSync(join(home, "run-"));
    startWatchdog();
    watchFolder(folder);
    return folder;
  } catch (error) {
    process.stderr.write(`${tell(error as Error)}\n`);
    return process.exit(1);
  }
};

const tell = (error: Error): string => {
  const { name, message } = error;
  if (error instanceof SetupFailure) return message;
  return systemSentence(error) ?? (name === "Error" ? message : `${name}: ${message}`);
};

const keepFailure = (folder: string, { message, stack = message }: Error): void => {
  keepFolder(folder);
  try {
    writeFileSync(join(folder, "failure.log"), `${stack}\n`);
  } catch {
    // Of a full disk the sentence on the screen has to do.
  }
};

const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
};
