#!/usr/bin/env node
/** `npx backups …` from a checkout: lets Node read TypeScript, then runs the command line. */
import "tsx";

await import("./backups.ts");
