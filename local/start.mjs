/**
 * `npm start`: the main job, on this machine; `npm run drill:region`: a region's loss and recovery. Plain JavaScript that
 * uses nothing but Node.js, so that it can install the rest; then it lets Node.js read TypeScript and goes on in main.ts.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("..", import.meta.url));

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node.js ${process.versions.node} is too old: install version 22.13 or newer, or 24.`);
  process.exit(1);
}
if (major < 22 || (major === 22 && minor < 13) || major === 23)
  console.error(
    `Node.js ${process.versions.node} is none that this project promises to run on (22.13 or newer, or 24): it goes on and may well work.`,
  );
/** What runs; `npm ci` without `--omit=dev` also installs what only checks. */
if (!existsSync(new URL("../node_modules/tsx", import.meta.url))) {
  console.log("Installing the Node.js packages (npm ci --omit=dev, about 480 MB of disk) …");
  const installed = spawnSync("npm", ["ci", "--omit=dev", "--no-audit", "--no-fund"], {
    cwd: project,
    stdio: "inherit",
  });
  if (installed.status !== 0) {
    const why =
      installed.error === undefined ? "look at what npm said above" : `npm is missing (${installed.error.code})`;
    console.error(
      `The Node.js packages could not be installed: ${why}; without a network, let the machine reach the npm registry or set npm's registry and proxy, then try again.`,
    );
    process.exit(1);
  }
}
// The SDK's notice about old versions of Node.js is for those who deploy.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
const drill = process.argv[2] === "drill:region";
let main;
try {
  const { require } = await import("tsx/cjs/api");
  ({ main } = require(drill ? "./drill/main.ts" : "./main.ts", import.meta.url));
} catch (error) {
  if (!["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"].includes(error.code)) throw error;
  const [what] = error.message.split("\n");
  console.error(`The Node.js packages are not whole (${what}): run npm ci, then try again.`);
  process.exit(1);
}
await main(process.argv.slice(drill ? 3 : 2));
