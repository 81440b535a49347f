/**
 * The upload of this page: it goes on while its dialogue is closed, can be paused and resumed, and after a reload goes
 * on with the parts that are missing, once the same file has been chosen again.
 */
import { isAbort, request, sentenceOf } from "../../api/client";
import { environmentPath } from "../../api/early";
import type { UploadView } from "../../api/types";
import { show } from "../../app/notices";
import { dialogHash } from "../../app/place";
import type { Place } from "../../app/place";
import { createStore } from "../../app/store";
import { sendParts } from "./transfer";

export type UploadPhase = "idle" | "sending" | "paused" | "checking" | "failed" | "completed";
export interface UploadProgress {
  readonly phase: UploadPhase;
  readonly place: Place | undefined;
  readonly fileName: string;
  readonly size: number;
  readonly sent: number;
  readonly message: string;
}
const IDLE: UploadProgress = { phase: "idle", place: undefined, fileName: "", size: 0, sent: 0, message: "" };
const CHECK_MS = 1500;

export const uploadProgress = createStore<UploadProgress>(IDLE);
const change = (part: Partial<UploadProgress>): void => uploadProgress.set({ ...uploadProgress.get(), ...part });

interface Running {
  readonly place: Place;
  readonly file: File;
  readonly uploadId: string;
  readonly onChanged: () => Promise<void>;
}
let running: Running | undefined;
let stop = new AbortController();

const uploadPath = (place: Place, uploadId: string): string =>
  `${environmentPath(place)}/uploads/${encodeURIComponent(uploadId)}`;

/** When a file was last changed, kept in this browser, so that parts of two versions are never mixed. */
const changedItem = (uploadId: string): string => `backups.upload.${uploadId}`;
export const canResume = (upload: UploadView, file: File): boolean => {
  const changed = localStorage.getItem(changedItem(upload.upload_id));
  return (
    upload.state === "open" &&
    upload.file_name === file.name &&
    upload.size === file.size &&
    (changed === null || changed === String(file.lastModified))
  );
};

export interface StartOptions {
  readonly place: Place;
  readonly file: File;
  readonly comment: string;
  /** An upload of the same file that was begun before. */
  readonly open: UploadView | undefined;
  readonly idempotencyKey: string;
  readonly onChanged: () => Promise<void>;
}
export const startUpload = async ({ place, file, comment, open, idempotencyKey, onChanged }: StartOptions) => {
  const upload =
    open ??
    (await request<UploadView>("POST", `${environmentPath(place)}/uploads`, {
      body: { file_name: file.name, size: file.size, comment },
      idempotencyKey,
    }));
  localStorage.setItem(changedItem(upload.upload_id), String(file.lastModified));
  running = { place, file, uploadId: upload.upload_id, onChanged };
  uploadProgress.set({ ...IDLE, place, fileName: file.name, size: file.size });
  void goOn();
};

export const pauseUpload = (): void => stop.abort();
export const resumeUpload = (): void => void goOn();
export const forgetUpload = (): void => uploadProgress.set(IDLE);

export const discardUpload = async (place: Place, uploadId: string): Promise<void> => {
  if (running?.uploadId === uploadId) {
    stop.abort();
    running = undefined;
    forgetUpload();
  }
  await request("DELETE", uploadPath(place, uploadId));
  localStorage.removeItem(changedItem(uploadId));
};

/** Sends what is missing, completes the upload, and follows it until it is a snapshot. */
const goOn = async (): Promise<void> => {
  if (running === undefined) return;
  const { place, file, uploadId, onChanged } = running;
  const path = uploadPath(place, uploadId);
  stop = new AbortController();
  const { signal } = stop;
  change({ phase: "sending", message: "" });
  addEventListener("beforeunload", warn);
  try {
    const upload = await request<UploadView>("GET", path, { signal });
    if (upload.state === "open") {
      await sendParts({ path, upload, file, signal, onProgress: (sent) => change({ sent }) });
      await request("POST", `${path}/complete`, { body: {} });
    }
    localStorage.removeItem(changedItem(uploadId));
    change({ phase: "checking", sent: file.size });
    removeEventListener("beforeunload", warn);
    await onChanged();
    const { state, status_message, snapshot_id } = await whenEnded(path);
    const failed = state === "failed";
    const message = failed
      ? (status_message ?? "The upload failed, and the service gave no reason.")
      : `Snapshot ${snapshot_id} is in the list, and can be restored.`;
    change({ phase: failed ? "failed" : "completed", message });
    show({
      id: uploadId,
      type: failed ? "error" : "success",
      content: `Upload of ${file.name}: ${message}`,
      ...(snapshot_id === null || failed
        ? {}
        : { link: { hash: dialogHash(place, { kind: "details", snapshotId: snapshot_id }), text: "Show it" } }),
    });
    running = undefined;
    await onChanged();
  } catch (error) {
    if (running?.uploadId !== uploadId) return;
    change({ phase: "paused", message: isAbort(error) ? "" : sentenceOf(error) });
  } finally {
    removeEventListener("beforeunload", warn);
  }
};

const whenEnded = async (path: string): Promise<UploadView> => {
  for (;;) {
    const upload = await request<UploadView>("GET", path);
    if (upload.state === "failed" || upload.state === "completed") return upload;
    await new Promise((resolve) => {
      setTimeout(resolve, CHECK_MS);
    });
  }
};

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
