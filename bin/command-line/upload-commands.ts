/**
 * `upload`, `uploads` and `abort-upload`. The service keeps what has arrived, so an upload that broke off is taken up
 * with `--resume`; an open one that nobody takes up is given up after a day.
 */
import { basename } from "node:path";
import type { Command } from "commander";
import { upload as uploadAnswer, uploadList, uploadWithParts, type ApiUpload } from "./api/answers";
import { requireApi, type ApiConnection } from "./api/api-connection";
import { answer, type CommonOptions } from "./common-options";
import { follow } from "./follow";
import { oneLine, second, size } from "./plain-text";
import { withBar } from "./progress";
import { CommandFailure, type Surroundings } from "./surroundings";
import { type Column, table } from "./table";
import { sendParts } from "./transfer/send-parts";
import { spoolInput } from "./transfer/spool-input";
import { openSource, type UploadSource } from "./transfer/upload-source";
import { isWaiting, type Wait, waitIfAsked, waitSeconds } from "./wait-option";

/** Reading and checking a terabyte takes hours. */
const WAIT_SECONDS = 12 * 3600;

const UPLOADS: readonly Column<ApiUpload>[] = [
  { title: "UPLOAD", of: ({ uploadId }) => uploadId },
  { title: "BEGUN", of: ({ createdAt }) => second(createdAt) },
  { title: "STATE", of: ({ state }) => state },
  { title: "SIZE", of: (one) => size(one.size), align: "right", dispensable: 2 },
  { title: "BY", of: ({ createdBy }) => createdBy, dispensable: 1 },
  { title: "FILE", of: ({ fileName }) => fileName, dispensable: 3 },
  { title: "MESSAGE", of: ({ statusMessage }) => statusMessage ?? "" },
];

interface UploadOptions {
  readonly comment: string;
  readonly name?: string;
  readonly resume?: string;
  readonly wait?: Wait;
}
/** In place of a file's name. */
const STANDARD = "-";

export function addUploadCommands(program: Command, surroundings: Surroundings): void {
  const uploading = program
    .command("upload <environment> <file>")
    .description(
      "upload a full snapshot (.tar.gz) or a database dump, - for standard input; it becomes a snapshot of the environment (API)",
    )
    .option("--comment <text>", "shown with the snapshot", "")
    .option("--name <text>", "what it is called in lists (default: the file's name)")
    .option("--resume <upload>", "go on with an upload that broke off");
  waitIfAsked(uploading, "until the snapshot is completed or refused", WAIT_SECONDS)
    .addHelpText(
      "after",
      `
Standard input is written to a file in TMPDIR first, because an upload says its size before it begins.
Examples:
  npx backups upload shop-acceptance before-release.tar.gz --comment "from production" --wait
  npx backups upload shop-acceptance before-release.tar.gz --resume 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47
  pg_dump --format custom shop | npx backups upload shop-acceptance - --name shop.backup`,
    )
    .action(async (environmentId: string, file: string, own: UploadOptions, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const path = await api.pathOf(environmentId, "uploads");
      const upload = await (file === STANDARD
        ? sendInput(path, own, { options, api, surroundings })
        : sendFile(path, await openSource(file), own, {
            options,
            api,
            surroundings,
            again: (uploadId) => `Go on with: backups upload ${environmentId} ${file} --resume ${uploadId}`,
          }));
      const { uploadId, snapshotId } = upload;
      const queued = `Snapshot ${snapshotId} of environment ${environmentId} is being made of it.`;
      const later = `See how it goes with: backups snapshots ${environmentId}`;
      if (!isWaiting(own.wait))
        return answer(options, surroundings, { environmentId, uploadId, snapshotId }, [queued, later]);
      if (options.json !== true) surroundings.out(queued);
      const ended = await ending(api, `${path}/${uploadId}`, waitSeconds(own.wait, WAIT_SECONDS), later);
      const isDone = ended.state === "completed";
      answer(options, surroundings, ended, isDone ? [`Snapshot ${snapshotId} is completed.`] : []);
      if (!isDone) throw new CommandFailure(1, [oneLine(ended.statusMessage ?? `Upload ${uploadId} failed.`)]);
    });
  program
    .command("uploads <environment>")
    .description("list the uploads of the last day, the newest first (API)")
    .addHelpText("after", "\nExample: npx backups uploads shop-acceptance")
    .action(async (environmentId: string, _own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const { uploads } = await api.client.ask("GET", await api.pathOf(environmentId, "uploads"), uploadList);
      const lines = table(UPLOADS, uploads, surroundings.columns);
      const none = [`Environment ${environmentId} has had no uploads in the last day.`];
      answer(options, surroundings, { environmentId, uploads }, uploads.length === 0 ? none : lines);
    });
  program
    .command("abort-upload <environment> <upload>")
    .description("give an open upload up, with all that has arrived of it (API)")
    .addHelpText("after", "\nExample: npx backups abort-upload shop-acceptance 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47")
    .action(async (environmentId: string, uploadId: string, _own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      await api.client.delete(await api.pathOf(environmentId, "uploads", uploadId));
      const message = `Upload ${uploadId} is given up.`;
      answer(options, surroundings, { message, environmentId, uploadId }, [message]);
    });

  function ending(api: ApiConnection, path: string, limitSeconds: number, later: string): Promise<ApiUpload> {
    const look = (): Promise<ApiUpload> => api.client.ask("GET", path, uploadWithParts);
    const hasEnded = ({ state }: ApiUpload): boolean => state === "completed" || state === "failed";
    return look().then((begun) =>
      follow({ begun, look, hasEnded, limitSeconds, what: "The upload's snapshot", later }, surroundings),
    );
  }
}

interface Sending {
  readonly options: CommonOptions;
  readonly api: ApiConnection;
  readonly surroundings: Surroundings;
}

/** To its completion; the answer is what was begun. `again`: how to go on with an upload that breaks off. */
async function sendFile(
  path: string,
  source: UploadSource,
  own: UploadOptions,
  { options, api, surroundings, again }: Sending & { readonly again?: (uploadId: string) => string },
): Promise<ApiUpload> {
  const { upload, arrived } = await begin(api, path, source, own);
  const { uploadId } = upload;
  if (upload.state !== "open") return upload;
  const one = `${path}/${uploadId}`;
  if (options.json !== true)
    surroundings.out([`Upload ${uploadId} of ${size(source.size)}.`, ...(again ? [again(uploadId)] : [])].join(" "));
  try {
    await withBar("Uploading", options, surroundings, (show) =>
      sendParts({ upload, arrived, source, path: one, client: api.client, show }, surroundings),
    );
    await source.checkUnchanged();
    await api.client.ask("POST", `${one}/complete`, uploadAnswer);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (again === undefined) {
      await giveUp(api, one);
      throw new CommandFailure(1, [...error.sentences, GIVEN_UP], { cause: error });
    }
    if (error.exitCode === 2) throw error;
    throw new CommandFailure(1, [...error.sentences, again(uploadId)], { cause: error });
  }
  return upload;
}

const GIVEN_UP = "The upload is given up, because standard input can't be read again; pipe it anew, or upload a file.";

async function sendInput(path: string, own: UploadOptions, given: Sending): Promise<ApiUpload> {
  if (own.resume !== undefined)
    throw new CommandFailure(2, ["--resume needs the file that was being sent; standard input can't be read again."]);
  const { file, remove } = await spoolInput(given.surroundings.standardInput());
  try {
    return await sendFile(path, await openSource(file), own, given);
  } finally {
    await remove();
  }
}

/** What can't be given up now is, by the service, after a day. */
async function giveUp(api: ApiConnection, path: string): Promise<void> {
  try {
    await api.client.delete(path);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
  }
}

async function begin(
  api: ApiConnection,
  path: string,
  source: UploadSource,
  { comment, name, resume }: UploadOptions,
): Promise<{ readonly upload: ApiUpload; readonly arrived: ReadonlyMap<number, number> }> {
  if (resume === undefined) {
    const body = { file_name: name ?? basename(source.file), size: source.size, comment };
    return { upload: await api.client.ask("POST", path, uploadAnswer, { body }), arrived: new Map() };
  }
  const upload = await api.client.ask("GET", `${path}/${encodeURIComponent(resume)}`, uploadWithParts);
  if (upload.size !== source.size) {
    throw new CommandFailure(2, [
      `${source.file} has ${source.size} bytes, and upload ${resume} is of a file of ${upload.size}; begin a new upload without --resume.`,
    ]);
  }
  if (source.changedAt.getTime() > Date.parse(upload.createdAt) + CLOCKS_DIFFER_MS) {
    throw new CommandFailure(2, [
      `${source.file} was changed after upload ${resume} began; begin a new upload without --resume.`,
    ]);
  }
  if (upload.state === "failed")
    throw new CommandFailure(1, [oneLine(upload.statusMessage ?? `Upload ${resume} failed; begin a new one.`)]);
  return { upload, arrived: new Map(upload.parts.map((part) => [part.partNumber, part.size])) };
}
/** Between this machine and the service. */
const CLOCKS_DIFFER_MS = 5 * 60_000;
