/**
 * The synthesized default stage for tests. It is made once for each state of the sources and then read from
 * `.local/synthesized`, whichever of Jest's workers asks first; the others wait for it.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Templates are data without a schema of ours. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}
export interface Resource {
  readonly Type: string;
  readonly Properties?: Json;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}
export interface Synthesized {
  readonly assemblyDir: string;
  /** By stack: `Primary-Frankfurt`. */
  readonly templates: Readonly<Record<string, Template>>;
}

const PROJECT = join(__dirname, "..", "..");
const STORE = join(PROJECT, ".local", "synthesized");
const SOURCES = [
  "bin",
  "lib",
  "lambda",
  "console",
  "config",
  "cdk.json",
  "package-lock.json",
  "test/support/synthesize.ts",
];
const PATIENCE_MS = 300_000;
const KEEP_MS = 3_600_000;

let known: Synthesized | undefined;

export const synthesizeOnce = (): Synthesized => {
  known ??= read(join(folderFor(fingerprint()), "assembly"));
  return known;
};

const read = (assemblyDir: string): Synthesized => {
  const files = readdirSync(assemblyDir).filter((file) => file.endsWith(".template.json"));
  const templates = files.map(
    (file) =>
      [
        file.replace(".template.json", ""),
        JSON.parse(readFileSync(join(assemblyDir, file), "utf8")) as Template,
      ] as const,
  );
  return { assemblyDir, templates: Object.fromEntries(templates) };
};

const folderFor = (hash: string): string => {
  const folder = join(STORE, hash);
  const lock = `${folder}.lock`;
  const start = Date.now();
  mkdirSync(STORE, { recursive: true });
  while (!existsSync(folder)) {
    if (Date.now() - start > PATIENCE_MS) throw new Error(`Nobody finished ${folder}; remove ${lock} and try again.`);
    if (!taken(lock)) {
      sleep(200);
      continue;
    }
    try {
      if (!existsSync(folder)) synthesize(folder);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return folder;
};

const synthesize = (folder: string): void => {
  sweep();
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  execFileSync(process.execPath, [require.resolve("tsx/cli"), join(__dirname, "synthesize.ts"), unfinished], {
    cwd: PROJECT,
    env: { ...process.env, CDK_VALIDATION: "false" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  renameSync(unfinished, folder);
};

/** A lock left by a process that died is taken over. */
const taken = (lock: string): boolean => {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
    if (age > PATIENCE_MS / 2) rmSync(lock, { recursive: true, force: true });
    return false;
  }
};

const sweep = (): void => {
  for (const name of readdirSync(STORE)) {
    const path = join(STORE, name);
    if (!name.endsWith(".lock") && Date.now() - statSync(path).mtimeMs > KEEP_MS)
      rmSync(path, { recursive: true, force: true });
  }
};

const sleep = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};

const fingerprint = (): string => {
  const hash = createHash("sha256");
  for (const path of SOURCES.flatMap((source) => filesIn(join(PROJECT, source))).toSorted())
    hash.update(path).update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
};

const filesIn = (path: string): string[] =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => filesIn(join(path, name))) : [path];
