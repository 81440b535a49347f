/**
 * A run on this machine from its beginning to its end: does its work, says what was found, and takes everything down
 * again. Whatever happens, no server is left behind; the folder `.local/run-…` with the logs stays when something went
 * wrong.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalApp } from "./local-app";
import { endProcesses } from "./servers/child-processes";
import type { Surroundings } from "./set-up";
import { SetupFailure } from "./setup/programs";
import { CANNOT_SHOW } from "./story/cannot-show";
import { close } from "./story/closing";
import { Progress } from "./story/progress";
import { Report } from "./story/report";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface RunOptions {
  /** Where everything that was found out is written as JSON. */
  readonly report?: string;
  /** Where a copy of the run's logs goes. */
  readonly logs?: string;
}

/** Ends the process. `stay` comes between a report without failures and the end. */
export const run = async (
  options: RunOptions,
  work: (surroundings: Surroundings) => Promise<void>,
  stay: () => Promise<void> = async () => undefined,
): Promise<void> => {
  const locals: LocalApp[] = [];
  let unready = false;
  const progress = new Progress(() => locals.at(-1)?.clock.now());
  const report = new Report((check) => progress.check(check));
  const home = join(__dirname, "..", ".local");
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, "run-"));
  const undo: (() => Promise<void>)[] = [];
  const takeDown = once(async () => {
    for (const local of locals) local.stop();
    await endProcesses();
    for (const step of undo.toReversed()) await step().catch((error: Error) => progress.step(error.message));
  });
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      progress.line("\nEnding …");
      void takeDown().finally(() => {
        rmSync(folder, { recursive: true, force: true });
        process.exit(code);
      });
    });
  }
  try {
    await work({ home, folder, undo, progress, report, onLocal: (started) => locals.push(started) });
  } catch (error) {
    unready = error instanceof SetupFailure;
    const { name, message, stack = message } = error as Error;
    const what = unready ? "the run could begin" : "the story was told to its end";
    // A stack is for the logs: whoever reads the screen needs the sentence.
    report.check("run", what, false, unready || name === "Error" ? message : `${name}: ${message}`);
    if (!unready) writeFileSync(join(folder, "failure.log"), `${stack}\n`);
  }
  if (locals.length > 0) {
    report.facts["functions"] = Object.fromEntries(locals.flatMap(({ functions }) => [...functions.timings]));
    report.facts["calls"] = locals.flatMap(({ calls }) => calls.calls());
  }
  if (!unready) close(report, progress);
  if (options.report !== undefined) report.write(options.report, CANNOT_SHOW);
  if (!report.passed && !unready) progress.line(`Logs of functions, task and servers: ${folder}`);
  else if (report.passed) await stay();
  await takeDown();
  if (options.logs !== undefined) cpSync(join(folder, "logs"), options.logs, { recursive: true });
  if (report.passed || unready) rmSync(folder, { recursive: true, force: true });
  process.exit(report.passed ? 0 : 1);
};

const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
};
