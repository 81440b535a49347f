/** `--version`: this checkout's, and beside it that of the service at the address, where one answers in time. */
import type { Command } from "commander";
import { z } from "zod";
import { SERVICE_VERSION } from "../../lambda/runtime/service-version";
import { reasonOf } from "./api/api-client";
import { apiUrl, basesOf } from "./api/api-address";
import { answer, type CommonOptions } from "./common-options";
import { oneLine } from "./plain-text";
import { CommandFailure, type Surroundings } from "./surroundings";

/** Nobody waits long to be told a number. */
const PATIENCE_MS = 3_000;
const description = z.object({ info: z.object({ "x-service-version": z.string().max(100) }) });

/** Asked for in place of a command, or beside one. `program` knows its options afterwards. */
export function asksForVersion(program: Command, args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  if (!words.some((word) => word === "--version" || word === "-V")) return false;
  program.parseOptions([...args]);
  return program.opts<{ version?: boolean }>().version === true;
}

/** Fails for nothing: what can't be known is said so. */
export async function printVersion(program: Command, surroundings: Surroundings): Promise<void> {
  const options = program.opts<CommonOptions>();
  const url = apiUrl(options, surroundings);
  const [commit, deployed] = await Promise.all([
    surroundings.commit(),
    url === undefined ? undefined : deployedAt(url, surroundings),
  ]);
  const own = `backups ${SERVICE_VERSION}${commit === undefined ? "" : ` (commit ${commit})`}`;
  const document = { version: SERVICE_VERSION, commit: commit ?? null, deployed: deployed ?? null };
  const lines =
    deployed === undefined
      ? []
      : [
          `deployed${deployed.url === null ? "" : ` at ${deployed.url}`}: ${deployed.version ?? `not known (${deployed.reason ?? ""})`}`,
        ];
  answer(options, surroundings, document, [own, ...lines]);
}

interface Deployed {
  /** The API's base; null where the address is none, which may hold anything. */
  readonly url: string | null;
  readonly version: string | null;
  /** Why it is not known. */
  readonly reason: string | null;
}

/** From the API's description, which anybody may read: no key is sent. */
async function deployedAt(url: string, { fetch }: Surroundings): Promise<Deployed> {
  let asked: string | null = null;
  try {
    const { base, otherBase } = basesOf(url);
    asked = base;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    let reason = "";
    for (const one of otherBase === undefined ? [base] : [base, otherBase]) {
      const response = await fetch(`${one}/openapi.json`, { redirect: "manual", signal });
      const read = response.ok ? description.safeParse(await response.json().catch(() => undefined)) : undefined;
      if (read?.success === true)
        return { url: one, version: oneLine(read.data.info["x-service-version"]), reason: null };
      reason ||= response.ok ? "an older version, which does not say" : `it answered ${response.status}`;
    }
    return { url: asked, version: null, reason };
  } catch (error) {
    const reason = error instanceof CommandFailure ? error.sentences.join(" ") : reasonOf(error);
    return { url: asked, version: null, reason };
  }
}
