/**
 * `upload`, `uploads` and `abort-upload`. The service keeps what has arrived, so an upload that broke off is taken up
 * with `--resume`; an open one that nobody takes up is given up after a day.
 */
import { basename } from "node:path";
import type { Command } from "commander";
import { upload as uploadAnswer, uploadList, uploadWithParts, type ApiUpload } from "./api/answers";
import { requireApi, type ApiConnection } from "./api/api-connection";
import { answer, seconds, waitSeconds } from "./common-options";
import { follow } from "./follow";
import { oneLine, size } from "./plain-text";
import { withBar } from "./progress";
import { CommandFailure, type Surroundings } from "./surroundings";
import { openSource, type UploadSource } from "./transfer/upload-source";
import { sendParts } from "./transfer/send-parts";

/** Reading and checking a terabyte takes hours. */
const WAIT_SECONDS = 12 * 3600;

interface UploadOptions {
  readonly comment: string;
  readonly resume?: string;
  readonly wait?: number | true;
}

export function addUploadCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("upload <environment> <file>")
    .description("upload a full snapshot (.tar.gz) or a database dump; it becomes a snapshot of the environment (API)")
    .option("--comment <text>", "shown with the snapshot", "")
    .option("--resume <upload>", "go on with an upload that broke off")
    .option("--wait [seconds]", "wait until the snapshot is completed or refused", seconds)
    .addHelpText(
      "after",
      `
Examples:
  npx backups upload shop-acceptance before-release.tar.gz --comment "from production" --wait
  npx backups upload shop-acceptance before-release.tar.gz --resume 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47`,
    )
    .action(async (environmentId: string, file: string, own: UploadOptions, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const source = await openSource(file);
      const path = await api.pathOf(environmentId, "uploads");
      const { upload, arrived } = await begin(api, path, source, own);
      const { uploadId, snapshotId } = upload;
      const again = `Go on with: backups upload ${environmentId} ${file} --resume ${uploadId}`;
      if (upload.state === "open") {
        if (options.json !== true) surroundings.out(`Upload ${uploadId} of ${size(source.size)}. ${again}`);
        await goingOn(again, async () => {
          await withBar("Uploading", options, surroundings, (show) =>
            sendParts({ upload, arrived, source, path: `${path}/${uploadId}`, client: api.client, show }, surroundings),
          );
          await source.checkUnchanged();
          await api.client.ask("POST", `${path}/${uploadId}/complete`, uploadAnswer);
        });
      }
      const queued = `Snapshot ${snapshotId} of environment ${environmentId} is being made of it.`;
      const later = `See how it goes with: backups snapshots ${environmentId}`;
      if (own.wait === undefined)
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
      const lines = uploads.map(
        (one) =>
          `${one.uploadId}  ${one.createdAt}  ${one.state.padEnd(9)}  ${size(one.size)}  ${oneLine(one.fileName)}  by ${oneLine(one.createdBy)}${one.statusMessage === null ? "" : `  ${oneLine(one.statusMessage)}`}`,
      );
      const none = [`Environment ${environmentId} has had no uploads in the last day.`];
      answer(options, surroundings, { environmentId, uploads }, lines.length === 0 ? none : lines);
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

async function begin(
  api: ApiConnection,
  path: string,
  source: UploadSource,
  { comment, resume }: UploadOptions,
): Promise<{ readonly upload: ApiUpload; readonly arrived: ReadonlyMap<number, number> }> {
  if (resume === undefined) {
    const body = { file_name: basename(source.file), size: source.size, comment };
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

async function goingOn(again: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.exitCode === 2) throw error;
    throw new CommandFailure(1, [...error.sentences, again], { cause: error });
  }
}
