/** What every test of the command line gives it besides what it is about: neither network nor terminal nor AWS. */
import type { ProgressBar, Surroundings } from "../../bin/command-line/surroundings";

const refuse = (what: string) => () => {
  throw new Error(`unexpected: ${what}`);
};
const unexpected = (what: string) => () => Promise.reject(new Error(`unexpected: ${what}`));

export const NOTHING_ELSE: Pick<
  Surroundings,
  | "connect"
  | "variables"
  | "fetch"
  | "startBar"
  | "openStorage"
  | "openCatalog"
  | "openRecovery"
  | "sleep"
  | "newRequestId"
  | "user"
  | "now"
  | "standardInput"
  | "standardOutput"
  | "columns"
  | "ask"
  | "commit"
> = {
  connect: unexpected("a call of a function"),
  variables: {},
  fetch: unexpected("a request"),
  startBar: () => undefined,
  openStorage: unexpected("reading a bucket"),
  openCatalog: unexpected("reading the catalog"),
  openRecovery: unexpected("opening a recovery"),
  sleep: async () => undefined,
  newRequestId: () => crypto.randomUUID(),
  user: () => "operator",
  now: () => new Date("2026-12-05T12:00:00Z"),
  standardInput: refuse("reading standard input"),
  standardOutput: refuse("bytes on standard output"),
  columns: undefined,
  ask: async () => undefined,
  commit: async () => undefined,
};

export interface ShownBar {
  readonly title: string;
  readonly shown: (readonly [number, number])[];
  stopped: boolean;
}

/** Remembers what bars have shown. */
export const barsIn =
  (bars: ShownBar[]): Surroundings["startBar"] =>
  (title): ProgressBar => {
    const bar: ShownBar = { title, shown: [], stopped: false };
    bars.push(bar);
    return {
      show: (done, total) => bar.shown.push([done, total]),
      stop: () => {
        bar.stopped = true;
      },
    };
  };
