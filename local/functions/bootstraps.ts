/** Bundles what is loaded into the children's processes, so that they need neither TypeScript nor this project. */
import { join } from "node:path";
import { buildSync } from "esbuild";

export interface Bootstraps {
  readonly functions: string;
  readonly task: string;
}

export const buildBootstraps = (folder: string): Bootstraps => {
  buildSync({
    entryPoints: [join(__dirname, "function-bootstrap.ts"), join(__dirname, "task-bootstrap.ts")],
    outdir: folder,
    bundle: true,
    platform: "node",
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    logLevel: "error",
  });
  return { functions: join(folder, "function-bootstrap.cjs"), task: join(folder, "task-bootstrap.cjs") };
};
