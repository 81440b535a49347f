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
  console.error(`Node.js ${process.versions.node} is too old; install version 20.19 or newer.`);
  process.exit(1);
}
if (!existsSync(new URL("../node_modules/.package-lock.json", import.meta.url))) {
  console.log("Installing the Node.js packages (npm ci) …");
  const installed = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: project, stdio: "inherit" });
  if (installed.status !== 0) {
    console.error("The Node.js packages could not be installed: run npm ci, look at what it says, and try again.");
    process.exit(1);
  }
}
// The SDK's notice about old versions of Node.js is for those who deploy.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
const { require } = await import("tsx/cjs/api");
const drill = process.argv[2] === "drill:region";
const { main } = require(drill ? "./drill/main.ts" : "./main.ts", import.meta.url);
await main(process.argv.slice(drill ? 3 : 2));
