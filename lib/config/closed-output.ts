/**
 * What becomes of a command whose reader has gone (`… | head`): it ends at once and says nothing, like every program of a
 * pipeline. Any other failure of an output (a full disk) is one sentence.
 */
import { writeSync } from "node:fs";

/** A reader that has seen enough is no failure: a list's command has done what it was asked for. */
const ENOUGH = 0;

/** `codeWhenClosed` may be asked at any time: what is cut short is not always a list. @default 0 */
export function endWhenOutputCloses(codeWhenClosed: () => number = () => ENOUGH): void {
  const watch = (name: string, stream: NodeJS.WriteStream): void => {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (isClosed(error)) process.exit(codeWhenClosed());
      say(`${name} can't be written (${error.code ?? error.message}).`);
      process.exit(1);
    });
  };
  watch("Standard output", process.stdout);
  watch("Standard error", process.stderr);
}

/** EPIPE: nobody reads a pipe; the others: a socket that stands for one. */
const isClosed = ({ code }: NodeJS.ErrnoException): boolean =>
  code === "EPIPE" || code === "ECONNRESET" || code === "ERR_STREAM_DESTROYED";

/** At once, because the process ends here; nowhere, when standard error is gone too. */
const say = (sentence: string): void => {
  try {
    writeSync(2, `${sentence}\n`);
  } catch {
    // There is nobody left to tell.
  }
};
