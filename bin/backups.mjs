#!/usr/bin/env node
/** `npx backups …` from a checkout: lets Node read TypeScript, then runs the command line. */
import { tsImport } from "tsx/esm/api";

// The SDK's notice about old versions of Node.js is no answer to a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
await tsImport("./backups.ts", import.meta.url);
