/**
 * Builds the functions and the database task, all in one esbuild call: half a second, whatever the number of stacks.
 * Every stack uses the same folders, so an asset is hashed, staged and uploaded once a region.
 *
 * Not minified: a stack trace that names our functions is worth more than the milliseconds that a smaller file
 * saves at the start of a nightly function. No source maps: they are larger than the code. The AWS SDK is bundled,
 * so that what was tested is what runs. `node20` also runs on Lambda's Node.js 24, and lets the same files run on
 * one machine with the oldest version that package.json allows.
 *
 * The web page is built beside the function that serves it, and only when its sources have changed.
 *
 * A failure leaves the folder half written; the next call overwrites it.
 */
import { buildSync } from "esbuild";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PAGE_FOLDER } from "../../lambda/console/contract";
import type { FunctionName } from "../names";
import { buildPage } from "./build-page";
import { DATABASE_TASK_ENTRIES, DATABASE_TASK_FILES, FUNCTION_ENTRIES } from "./entries";

const PROJECT = join(__dirname, "..", "..");

/** Where the built code is: one folder a function, one for the database task's image. */
export interface Bundle {
  readonly functionFolder: (name: FunctionName) => string;
  readonly databaseTaskFolder: string;
}

const bundleAt = (folder: string): Bundle => ({
  functionFolder: (name) => join(folder, "functions", name),
  databaseTaskFolder: join(folder, "database-task"),
});

export const buildBundle = (folder = join(PROJECT, ".build")): Bundle => {
  const bundle = bundleAt(folder);
  const entries = Object.entries(FUNCTION_ENTRIES) as [FunctionName, string][];
  buildSync({
    absWorkingDir: PROJECT,
    entryPoints: {
      ...Object.fromEntries(entries.map(([name, entry]) => [`functions/${name}/index`, entry])),
      ...Object.fromEntries(
        Object.entries(DATABASE_TASK_ENTRIES).map(([name, entry]) => [`database-task/${name}`, entry]),
      ),
    },
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
  });
  buildPage(join(bundle.functionFolder("console"), PAGE_FOLDER));
  for (const file of DATABASE_TASK_FILES)
    copyFileSync(join(PROJECT, file), join(bundle.databaseTaskFolder, basename(file)));
  return bundle;
};

/** Folders with next to nothing in them: for measuring what the real code adds to synth. */
export const emptyBundle = (folder = join(PROJECT, ".build-empty")): Bundle => {
  const bundle = bundleAt(folder);
  const folders = [
    ...Object.keys(FUNCTION_ENTRIES).map((name) => bundle.functionFolder(name as FunctionName)),
    bundle.databaseTaskFolder,
  ];
  for (const path of folders) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "index.js"), "");
  }
  writeFileSync(join(bundle.databaseTaskFolder, "Dockerfile"), "FROM scratch\n");
  return bundle;
};
