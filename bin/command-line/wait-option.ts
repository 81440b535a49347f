/**
 * `--wait [seconds]` means one thing wherever it is: wait for the end of what was begun, at most so long; without a
 * number as long as such a thing may take. What has not ended by then goes on, and the command ends with 1.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { duration } from "./plain-text";

/** True: as long as such a thing may take. False or undefined: not at all. */
export type Wait = number | boolean | undefined;

/** For what is begun and left alone unless it is asked for. `until`: such as `until it is completed or has failed`. */
export const waitIfAsked = (command: Command, until: string, longest: number): Command =>
  command.option("--wait [seconds]", words(until, longest), seconds);

/** For what is waited for unless `--no-wait` is given. */
export const waitOption = (command: Command, until: string, longest: number): Command =>
  command
    .addOption(new Option("--wait [seconds]", words(until, longest)).argParser(seconds).default(true, "it waits"))
    .option("--no-wait", "begin it, and don't wait");

export const isWaiting = (wait: Wait): wait is number | true => typeof wait === "number" || wait === true;

export const waitSeconds = (wait: Wait, longest: number): number =>
  typeof wait === "number" ? wait : wait === true ? longest : 0;

const words = (until: string, longest: number): string =>
  `wait ${until}, at most so many seconds (without a number: ${duration(longest)})`;

const seconds = (text: string): number => {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of seconds.");
};
