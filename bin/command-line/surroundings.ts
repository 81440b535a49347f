/** What the command line is given, so that tests can run every command without AWS and without waiting. */
import type { Readable, Writable } from "node:stream";
import type { Catalog } from "../../lambda/catalog/catalog";
import type { ObjectStore } from "../../lambda/storage/object-store";

export interface Surroundings {
  readonly connect: (address: DeploymentAddress) => Promise<Deployment>;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Bytes, for `-` in place of a file. Whoever asks for the output has it cut short if its reader goes. */
  readonly standardInput: () => Readable & { readonly isTTY?: boolean };
  readonly standardOutput: () => Writable & { readonly isTTY?: boolean };
  /** How many characters go on a line of the terminal; undefined where standard output is none. */
  readonly columns: number | undefined;
  /** What somebody at the terminal types; undefined where nobody sits at one. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** This checkout's commit; undefined where that is not known. */
  readonly commit: () => Promise<string | undefined>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly now: () => Date;
  /** Who is named in audit records. */
  readonly user: () => string;
  /** A UUID, by which a request that is sent again after a lost answer is known. */
  readonly newRequestId: () => string;
  /** Environment variables: where the API is, and who asks it. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** A bar on the terminal; undefined where nobody watches one. */
  readonly startBar: (title: string) => ProgressBar | undefined;
  /** One region's bucket of snapshots, read with the caller's own AWS credentials. */
  readonly openStorage: (address: DeploymentAddress, side: "primary" | "replica") => Promise<SnapshotStorage>;
  /** One region's catalog table, with the caller's own AWS credentials. Throws CommandFailure where there is none. */
  readonly openCatalog: (address: DeploymentAddress) => Promise<CatalogConnection>;
  /** A lost region's recovery, likewise. */
  readonly openRecovery: (address: DeploymentAddress) => Promise<OpenRecovery>;
}

export interface ProgressBar {
  /** In whatever `total` is counted in; it may grow. */
  show(done: number, total: number): void;
  stop(): void;
}

export interface SnapshotStorage {
  readonly store: ObjectStore;
  readonly bucket: string;
  /** Where the bucket is. */
  readonly region: string;
}

export interface CatalogConnection {
  readonly catalog: Catalog;
  readonly table: string;
  readonly region: string;
}

/** A recovery's catalog, and the replica bucket that it is filled from. */
export interface OpenRecovery {
  readonly lost: string;
  /** Where it stands, and the replica bucket. */
  readonly region: string;
  readonly store: ObjectStore;
  readonly bucket: string;
  readonly catalog: Catalog;
}

/** Which deployment a command speaks to. */
export interface DeploymentAddress {
  readonly stage: string;
  /** AWS region code; undefined: the one of the AWS configuration. */
  readonly region: string | undefined;
  /** Twelve digits; undefined: the stage's, or that of the credentials. */
  readonly account: string | undefined;
  /** The lost region whose recovery is meant; undefined: the region's own service. */
  readonly recovery?: string | undefined;
}

/** A region's deployed service, as far as commands need it. Failures are CommandFailures. */
export interface Deployment {
  readonly region: string;
  /** Runs a function and waits for its answer. */
  invoke(functionName: "registration" | "requests" | "retention" | "access", input: unknown): Promise<unknown>;
  /** Starts a workflow; the execution's ARN. */
  start(workflow: "deletion", name: string, input: unknown): Promise<string>;
  /** Null while the execution is running. */
  outcomeOf(executionArn: string): Promise<{ readonly succeeded: boolean; readonly message: string } | null>;
}

/**
 * Ends a command with a sentence. Exit code 1: it was tried and failed; 2: it was asked for wrongly; 3: a restore's plan
 * refuses it, or has warnings that wait to be accepted.
 */
export class CommandFailure extends Error {
  override name = "CommandFailure";
  constructor(
    readonly exitCode: 1 | 2 | 3,
    /** One sentence each. */
    readonly sentences: readonly string[],
    options?: ErrorOptions,
  ) {
    super(sentences.join("\n"), options);
  }
}
