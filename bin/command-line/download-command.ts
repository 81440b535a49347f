/**
 * `download`: how large and how long first, then the archive is prepared, then it is downloaded beside a bar. A failure
 * leaves `FILE.part` and a note beside it; the same command goes on where it broke off while the archive still stands.
 */
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { Option, type Command } from "commander";
import { z } from "zod";
import { archive, archiveEstimate, snapshot, type ApiArchive } from "./api/answers";
import { ApiRefusal } from "./api/api-client";
import { requireApi, type ApiConnection } from "./api/api-connection";
import { answer, type CommonOptions } from "./common-options";
import { follow } from "./follow";
import { duration, oneLine, size } from "./plain-text";
import { withBar } from "./progress";
import { CommandFailure, type Surroundings } from "./surroundings";
import { streamSink } from "./transfer/archive-sink";
import { fetchArchive, fetchInto } from "./transfer/fetch-archive";
import { isWaiting, type Wait, waitOption, waitSeconds } from "./wait-option";

const DATA_TYPES = ["files_and_database", "database_only", "files_only"] as const;
type DataType = (typeof DATA_TYPES)[number];
const ENDINGS: Readonly<Record<DataType, string>> = {
  files_and_database: ".tar.gz",
  files_only: "-files.tar.gz",
  database_only: ".backup",
};
const WAIT_SECONDS = 12 * 3600;

interface DownloadOptions {
  readonly data: DataType;
  readonly to?: string;
  readonly force?: boolean;
  readonly estimate?: boolean;
  readonly wait: Wait;
}
/** Beside `FILE.part`: of which archive it is the beginning. It holds no link. */
const partNote = z.object({ snapshotId: z.string(), dataType: z.enum(DATA_TYPES), archiveId: z.string() });
type PartNote = z.infer<typeof partNote>;
type Wish = Pick<PartNote, "snapshotId" | "dataType">;

export function addDownloadCommand(program: Command, surroundings: Surroundings): void {
  const download = program
    .command("download <environment> <snapshot>")
    .description("download a snapshot: all of it, its database or its files (API)")
    .addOption(new Option("--data <what>", "what to download").choices(DATA_TYPES).default("files_and_database"))
    .option(
      "--to <file>",
      "where to keep it, - for standard output (default: named after the environment and the snapshot's time)",
    )
    .option("--force", "replace the file if it exists")
    .option("--estimate", "only say how large it is and how long preparing takes");
  waitOption(download, "until it is prepared", WAIT_SECONDS)
    .addHelpText(
      "after",
      `
A download that breaks off goes on where it was when the same command is given again within eight hours.
Examples:
  npx backups download shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --to before-release.tar.gz
  npx backups download shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --data database_only
  npx backups download shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --to - | tar -tz`,
    )
    .action(async (environmentId: string, snapshotId: string, own: DownloadOptions, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const path = await api.pathOf(environmentId, "snapshots", snapshotId);
      const wish: Wish = { snapshotId, dataType: own.data };
      const estimate = await api.client.ask("GET", `${path}/archives/estimate`, archiveEstimate, {
        query: { data_type: own.data },
      });
      const roughly = `Roughly ${size(estimate.size ?? 0)}, prepared in about ${duration(estimate.estimatedSeconds)}.`;
      if (own.estimate === true) return answer(options, surroundings, estimate, [roughly]);
      if (own.to === STANDARD) return downloadToOutput({ api, path, wish, own, options, surroundings, roughly });
      const file = own.to ?? (await defaultName(api, path, environmentId, own.data));
      await refuseExisting(file, own.force === true);
      if (options.json !== true) surroundings.out(roughly);
      const { begun, resumed } = await beginArchive(api, path, file, wish);
      const ready = await prepared(begun, path, own.wait, { options, api, surroundings });
      if (ready === undefined) return;
      const bytes = ready.size ?? 0;
      if (!resumed) await rm(`${file}.part`, { force: true });
      await withBar("Downloading", options, surroundings, (show) =>
        fetchArchive({ file: `${file}.part`, size: bytes, link: linkOf(api, path, ready), show }, surroundings),
      );
      await refuseExisting(file, own.force === true);
      await rename(`${file}.part`, file);
      await rm(noteOf(file), { force: true });
      answer(options, surroundings, { environmentId, ...wish, file, size: bytes }, [
        `${file} holds ${size(bytes)} of snapshot ${snapshotId}.`,
      ]);
    });
}

/** Standard output is the archive's; what there is to say goes to standard error. */
async function downloadToOutput(given: {
  readonly api: ApiConnection;
  readonly path: string;
  readonly wish: Wish;
  readonly own: DownloadOptions;
  readonly options: CommonOptions;
  readonly surroundings: Surroundings;
  readonly roughly: string;
}): Promise<void> {
  const { api, path, wish, own, options, roughly } = given;
  const surroundings: Surroundings = { ...given.surroundings, out: given.surroundings.err };
  const output = pipedOutput(surroundings);
  if (options.json !== true) surroundings.out(roughly);
  const begun = await askForArchive(api, path, wish);
  const ready = await prepared(begun, path, own.wait, { options, api, surroundings });
  if (ready === undefined) return;
  const bytes = ready.size ?? 0;
  await withBar("Downloading", options, surroundings, (show) =>
    fetchInto(streamSink(output), { size: bytes, link: linkOf(api, path, ready), show }, surroundings),
  );
  answer(options, surroundings, { ...wish, file: STANDARD, size: bytes }, [
    `${size(bytes)} of snapshot ${wish.snapshotId} were written to standard output.`,
  ]);
}

/** In place of a file's name. */
export const STANDARD = "-";
/** Throws CommandFailure where it is a terminal. */
export const pipedOutput = (surroundings: Surroundings): ReturnType<Surroundings["standardOutput"]> => {
  const output = surroundings.standardOutput();
  if (output.isTTY !== true) return output;
  throw new CommandFailure(2, ["Standard output is a terminal; pipe it into a program, or give --to a file's name."]);
};
const noteOf = (file: string): string => `${file}.part.json`;

/** Each look renews it. */
export const linkOf =
  (api: ApiConnection, path: string, { archiveId }: ApiArchive): (() => Promise<string | null>) =>
  async () =>
    (await lookAt(api, path, archiveId)).url;

const askForArchive = (api: ApiConnection, path: string, { dataType }: Wish): Promise<ApiArchive> =>
  api.client.ask("POST", `${path}/archives`, archive, { query: { data_type: dataType } });

const lookAt = (api: ApiConnection, path: string, archiveId: string): Promise<ApiArchive> =>
  api.client.ask("GET", `${path}/archives/${encodeURIComponent(archiveId)}`, archive);

async function defaultName(api: ApiConnection, path: string, environmentId: string, data: DataType): Promise<string> {
  const { createdAt } = await api.client.ask("GET", path, snapshot);
  return `${environmentId.replace(/[^\w-]/g, "_")}-${createdAt.slice(0, 19).replace(/[^\dT]/g, "")}Z${ENDINGS[data]}`;
}

export async function refuseExisting(file: string, force: boolean): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return;
  if (found.isDirectory()) throw new CommandFailure(2, [`${file} is a folder; give --to a file's name in it.`]);
  if (force) return;
  throw new CommandFailure(2, [`The file ${file} exists; give --to another name, or --force to replace it.`]);
}

/** The archive that an earlier try asked for, while it stands and its links work; else a new one. */
async function beginArchive(
  api: ApiConnection,
  path: string,
  file: string,
  wish: Wish,
): Promise<{ readonly begun: ApiArchive; readonly resumed: boolean }> {
  const note = await readNote(file);
  if (note?.snapshotId === wish.snapshotId && note.dataType === wish.dataType) {
    const standing = await standingArchive(api, path, note.archiveId);
    if (standing !== undefined) return { begun: standing, resumed: true };
  }
  const begun = await askForArchive(api, path, wish);
  try {
    await writeFile(noteOf(file), JSON.stringify({ ...wish, archiveId: begun.archiveId } satisfies PartNote));
  } catch (cause) {
    throw new CommandFailure(2, [`${file}.part can't be written; check the folder and its permissions.`], { cause });
  }
  return { begun, resumed: false };
}

async function readNote(file: string): Promise<PartNote | undefined> {
  try {
    return partNote.safeParse(JSON.parse(await readFile(noteOf(file), "utf8"))).data;
  } catch {
    return undefined;
  }
}

async function standingArchive(api: ApiConnection, path: string, archiveId: string): Promise<ApiArchive | undefined> {
  try {
    const found = await lookAt(api, path, archiveId);
    const isUsable = found.state === "completed" ? found.url !== null : found.state !== "failed";
    return isUsable ? found : undefined;
  } catch (error) {
    if (error instanceof ApiRefusal && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

const hasEnded = ({ state }: ApiArchive): boolean => state === "completed" || state === "failed";

/** Undefined: it is not, and nobody waits for it. */
export async function prepared(
  begun: ApiArchive,
  path: string,
  wait: Wait,
  given: { readonly options: CommonOptions; readonly api: ApiConnection; readonly surroundings: Surroundings },
): Promise<ApiArchive | undefined> {
  const { options, api, surroundings } = given;
  const { archiveId } = begun;
  const later = "Its preparation goes on by itself; give the same command again later.";
  if (!isWaiting(wait) && !hasEnded(begun)) {
    answer(options, surroundings, begun, [later]);
    return undefined;
  }
  const ready = await withBar("Preparing", options, surroundings, (show) =>
    follow(
      {
        begun,
        look: () => lookAt(api, path, archiveId),
        hasEnded,
        onLook: ({ bytesDone, size: whole }) => show(bytesDone, whole ?? 1),
        limitSeconds: waitSeconds(wait, WAIT_SECONDS),
        what: `Archive ${archiveId}`,
        later,
      },
      surroundings,
    ),
  );
  if (ready.state === "failed")
    throw new CommandFailure(1, [
      `The download can't be prepared: ${oneLine(ready.statusMessage ?? "nobody said why")}`,
    ]);
  return ready;
}
