#!/usr/bin/env node
/** `npx backups …` from a checkout: lets Node read TypeScript, then runs the command line. */
import { tsImport } from "tsx/esm/api";

await tsImport("./backups.ts", import.meta.url);
