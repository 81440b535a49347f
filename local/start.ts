/**
 * `npm start`: the main job, on this machine. This file uses nothing but Node.js, so that it can install the rest.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const PROJECT = join(__dirname, "..");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node.js ${process.versions.node} is too old; install version 20.19 or newer.`);
  process.exit(1);
}
if (!existsSync(join(PROJECT, "node_modules", ".package-lock.json"))) {
  console.log("Installing the Node.js packages (npm ci) …");
  const installed = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: PROJECT, stdio: "inherit" });
  if (installed.status !== 0) {
    console.error("The Node.js packages could not be installed: run npm ci and look at what it says, then try again.");
    process.exit(1);
  }
}
void import("./main").then(({ main }) => main(process.argv.slice(2)));
