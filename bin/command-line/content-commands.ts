/** `files`, `get` and `table`: what a snapshot holds, and one file or one table of it. */
import { rename, rm } from "node:fs/promises";
import type { Command } from "commander";
import { shownKey } from "../../lambda/rules/shown-key";
import { archive, snapshotFiles, type ApiFile } from "./api/answers";
import { requireApi } from "./api/api-connection";
import { snapshotPath } from "./api/find-snapshot";
import { answer, count } from "./common-options";
import { linkOf, pipedOutput, prepared, refuseExisting, STANDARD } from "./download-command";
import { second, size } from "./plain-text";
import { withBar } from "./progress";
import type { Surroundings } from "./surroundings";
import { type Column, table } from "./table";
import { streamSink } from "./transfer/archive-sink";
import { fetchArchive, fetchInto } from "./transfer/fetch-archive";
import { type Wait, waitOption } from "./wait-option";

/** As many as the API gives at once. */
const PAGE = 1000;
const WAIT_SECONDS = 3600;

interface FilesOptions {
  readonly environment?: string;
  readonly after?: string;
  readonly limit: number;
}
interface GetOptions {
  readonly environment?: string;
  readonly to: string;
  readonly force?: boolean;
  readonly wait: Wait;
}
/** What is fetched, as the API's query says it. */
type Part =
  | { readonly data_type: "one_file"; readonly key: string }
  | { readonly data_type: "one_table"; readonly table: string };

export function addContentCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("files <snapshot> [prefix]")
    .description("list a snapshot's files in the order of their keys, those that begin with the prefix (API)")
    .option("--environment <id>", "of the snapshot (default: it is looked for)")
    .option("--after <key>", "only those behind this key")
    .option("--limit <number>", "at most so many", count, PAGE)
    .addHelpText(
      "after",
      `
A key that isn't plain text in one line stands in quotes, as in JSON; --json has everything that is kept of a file.
Example: npx backups files 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 4b1f`,
    )
    .action(async (snapshotId: string, prefix: string | undefined, own: FilesOptions, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const path = await snapshotPath(api, snapshotId, own.environment);
      const files: ApiFile[] = [];
      let after = own.after ?? null;
      do {
        const limit = Math.min(PAGE, own.limit - files.length);
        const query = { limit, ...(prefix === undefined ? {} : { prefix }), ...(after === null ? {} : { after }) };
        const page = await api.client.ask("GET", `${path}/files`, snapshotFiles, { query });
        files.push(...page.files);
        after = page.next;
      } while (after !== null && files.length < own.limit);
      const none = `Snapshot ${snapshotId} has no files${prefix === undefined ? "" : ` whose keys begin with ${shownKey(prefix)}`}${own.after === undefined ? "" : ` behind ${shownKey(own.after)}`}.`;
      const lines = files.length === 0 ? [none] : table(COLUMNS, files, surroundings.columns);
      answer(options, surroundings, { snapshotId, files, next: after }, lines);
      if (after !== null && options.json !== true)
        surroundings.err(`There are more: give --limit a larger number, or --after ${JSON.stringify(after)}.`);
    });
  addGetter(program, surroundings, {
    words: "get <snapshot> <key>",
    description: "fetch one file of a snapshot (API)",
    example: "get 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 4b1f7c2e-0000-4000-8000-000000000001 --to report.pdf",
    partOf: (key) => ({ data_type: "one_file", key }),
  });
  addGetter(program, surroundings, {
    words: "table <snapshot> <table>",
    description: "fetch one table of a snapshot's database as SQL for psql: its definition and its rows (API)",
    example: "table 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 'public.shop$order' --to - | psql scratch",
    partOf: (name) => ({ data_type: "one_table", table: name }),
  });
}

function addGetter(
  program: Command,
  surroundings: Surroundings,
  given: {
    readonly words: string;
    readonly description: string;
    readonly example: string;
    readonly partOf: (wanted: string) => Part;
  },
): void {
  const command = program
    .command(given.words)
    .description(given.description)
    .option("--environment <id>", "of the snapshot (default: it is looked for)")
    .requiredOption("--to <file>", "where to keep it, - for standard output")
    .option("--force", "replace the file if it exists");
  waitOption(command, "until it is prepared", WAIT_SECONDS)
    .addHelpText("after", `\nExample: npx backups ${given.example}`)
    .action(async (snapshotId: string, wanted: string, own: GetOptions, called: Command) =>
      fetchPart(called, surroundings, { snapshotId, part: given.partOf(wanted), own }),
    );
}

async function fetchPart(
  command: Command,
  around: Surroundings,
  { snapshotId, part, own }: { readonly snapshotId: string; readonly part: Part; readonly own: GetOptions },
): Promise<void> {
  const toOutput = own.to === STANDARD;
  // Standard output is the file's; what there is to say goes to standard error.
  const surroundings: Surroundings = toOutput ? { ...around, out: around.err } : around;
  const output = toOutput ? pipedOutput(surroundings) : undefined;
  const { options, api } = requireApi(command, surroundings);
  if (!toOutput) await refuseExisting(own.to, own.force === true);
  const path = await snapshotPath(api, snapshotId, own.environment);
  const begun = await api.client.ask("POST", `${path}/archives`, archive, { query: part });
  const ready = await prepared(begun, path, own.wait, { options, api, surroundings });
  if (ready === undefined) return;
  const bytes = ready.size ?? 0;
  await withBar("Downloading", options, surroundings, async (show) => {
    const wanted = { size: bytes, link: linkOf(api, path, ready), show };
    if (output !== undefined) return fetchInto(streamSink(output), wanted, surroundings);
    // What an earlier command left there may be of anything.
    await rm(`${own.to}.part`, { force: true });
    await fetchArchive({ file: `${own.to}.part`, ...wanted }, surroundings);
    await refuseExisting(own.to, own.force === true);
    await rename(`${own.to}.part`, own.to);
  });
  const what = part.data_type === "one_file" ? `the file ${shownKey(part.key)}` : `the table ${shownKey(part.table)}`;
  answer(options, surroundings, { snapshotId, ...part, file: own.to, size: bytes }, [
    toOutput
      ? `${size(bytes)}, ${what} of snapshot ${snapshotId}, were written to standard output.`
      : `${own.to} holds ${what} of snapshot ${snapshotId}, ${size(bytes)}.`,
  ]);
}

const COLUMNS: readonly Column<ApiFile>[] = [
  { title: "SIZE", of: (file) => (file.missing ? "missing" : size(file.size ?? 0)), align: "right" },
  { title: "WRITTEN", of: ({ lastModified }) => second(lastModified), dispensable: 1 },
  { title: "TYPE", of: ({ contentType }) => contentType ?? "", dispensable: 2 },
  { title: "KEY", of: ({ key }) => shownKey(key) },
];
