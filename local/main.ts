/**
 * Sets everything up, tells the story, and takes everything down again. Whatever happens, no server is left behind;
 * the folder `.local/run-…` with the logs stays when something went wrong.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalApp } from "./local-app";
import { readOptions } from "./options";
import { endProcesses } from "./servers/child-processes";
import { setUp } from "./set-up";
import { SetupFailure } from "./setup/programs";
import { CANNOT_SHOW } from "./story/cannot-show";
import { close } from "./story/closing";
import { Progress } from "./story/progress";
import { Report } from "./story/report";
import { stayUp } from "./story/stay-up";
import type { StoryContext } from "./story/story-context";
import { tellStory } from "./story/story";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export const main = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args);
  let local: LocalApp | undefined;
  let unready = false;
  let context: StoryContext | undefined;
  const progress = new Progress(() => local?.clock.now());
  const report = new Report((check) => progress.check(check));
  const home = join(__dirname, "..", ".local");
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, "run-"));
  const undo: (() => Promise<void>)[] = [];
  const takeDown = once(async () => {
    local?.stop();
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
    const ready = await setUp(options, {
      home,
      folder,
      undo,
      progress,
      report,
      onLocal: (started) => (local = started),
    });
    context = ready.context;
    await tellStory(context, ready);
  } catch (error) {
    unready = error instanceof SetupFailure;
    const { name, message, stack = message } = error as Error;
    const what = unready ? "the run could begin" : "the story was told to its end";
    // A stack is for the logs: whoever reads the screen needs the sentence.
    report.check("run", what, false, unready || name === "Error" ? message : `${name}: ${message}`);
    if (!unready) writeFileSync(join(folder, "failure.log"), `${stack}\n`);
  }
  if (local !== undefined) {
    report.facts["functions"] = Object.fromEntries(local.functions.timings);
    report.facts["calls"] = local.calls.calls();
  }
  if (!unready) close(report, progress);
  if (options.report !== undefined) report.write(options.report, CANNOT_SHOW);
  if (!report.passed && !unready) progress.line(`Logs of functions, task and servers: ${folder}`);
  else if (report.passed && !options.exit && context !== undefined) await stayUp(context, options);
  await takeDown();
  if (options.logs !== undefined) cpSync(join(folder, "logs"), options.logs, { recursive: true });
  if (report.passed || unready) rmSync(folder, { recursive: true, force: true });
  process.exit(report.passed ? 0 : 1);
};

const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
};
