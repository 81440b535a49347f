/** Uploads an archive in parts as the page does, and restores the snapshot that it becomes. */
import { withoutAttributes } from "../environments/file-fingerprint";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { RestorePlanView, RestoreView } from "../../lambda/api/schemas/restores";
import type { SnapshotView } from "../../lambda/api/schemas/snapshots";
import type { UploadView } from "../../lambda/api/schemas/uploads";
import { environmentPath, expectStatus } from "./api-client";
import { compareTarget, lookAtTarget } from "./compare-target";
import type { Downloaded } from "./download";
import type { Fingerprint } from "./night";
import { megabytes } from "./progress";
import { part, settle, type StoryContext } from "./story-context";

const targetPath = ({ target }: StoryContext): string =>
  environmentPath(target.registration.appId, target.environmentId);

/** The uploaded snapshot, completed. `expected` is what the archive was made of. */
export const uploadArchive = (
  context: StoryContext,
  { file, fileName }: Downloaded,
  expected: Fingerprint,
): Promise<SnapshotView> =>
  part(context, `Uploading ${basename(file)} to ${context.target.environmentId}`, async () => {
    const { report, api, local } = context;
    const path = targetPath(context);
    const { size } = await stat(file);
    const wish = { file_name: fileName, size, comment: "brought from elsewhere" };
    const upload = expectStatus(await api.post<UploadView>(`${path}uploads`, wish), 200, "Beginning an upload");
    const one = `${path}uploads/${upload.upload_id}`;
    await putParts(context, file, upload, one);
    expectStatus(await api.post(`${one}/complete`), 200, "Completing the upload");
    await settle(local);
    const after = expectStatus(await api.get<UploadView>(one), 200, "Reading the upload");
    const found = await api.get<SnapshotView>(`${path}snapshots/${upload.snapshot_id}`);
    // This one is never completed: a day later nothing of it may be left.
    const left = expectStatus(await api.post<UploadView>(`${path}uploads`, wish), 200, "Beginning another upload");
    report.check("upload", "another upload is left open", left.state === "open", `until ${left.expires_at}`);
    const snapshot = expectStatus(found, 200, `Reading the snapshot of the upload, which ${after.state}`);
    report.check(
      "upload",
      "it becomes a snapshot of its own, with its uploader's name",
      after.state === "completed" &&
        snapshot.state === "completed" &&
        snapshot.tier === "uploaded" &&
        snapshot.type === api.key?.username,
      `${after.state} ${after.status_message ?? ""}, by ${snapshot.type}, expires ${snapshot.expires_at}`,
    );
    report.check(
      "upload",
      "its sizes are right",
      snapshot.files_size === expected.files.bytes &&
        snapshot.file_count === expected.files.files.size &&
        (snapshot.database_size ?? 0) > 0,
      `${snapshot.file_count} files, ${megabytes(snapshot.files_size ?? 0)}; database ${megabytes(snapshot.database_size ?? 0)}`,
    );
    if (snapshot.state !== "completed") throw new Error(`The upload failed: ${after.status_message}`);
    return snapshot;
  });

/** As a browser does: it asks beforehand whether the page may, then sends the bytes to storage. */
const putParts = async (
  { api, report, secrets }: StoryContext,
  file: string,
  { size, part_size: partSize, part_count: count }: UploadView,
  one: string,
): Promise<void> => {
  const { origin } = new URL(api.address);
  const policy = (await fetch(api.address)).headers.get("content-security-policy") ?? "";
  const handle = await open(file);
  let permitted = true;
  try {
    for (let number = 1; number <= count; number++) {
      const wanted = { part_numbers: [number] };
      const { parts } = expectStatus(
        await api.post<{ parts: readonly { url: string }[] }>(`${one}/parts`, wanted),
        200,
        "Asking for a part's address",
      );
      const url = parts[0]?.url ?? "";
      secrets.noteLinks(url);
      const asked = await fetch(url, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "PUT" },
      });
      permitted &&= asked.status === 200 && asked.headers.get("access-control-allow-origin") === origin;
      permitted &&= connectsTo(policy, new URL(url).origin);
      const body = Buffer.alloc(Math.min(partSize, size - (number - 1) * partSize));
      await handle.read(body, 0, body.length, (number - 1) * partSize);
      const sent = await fetch(url, { method: "PUT", body, headers: { origin } });
      if (sent.status !== 200) throw new Error(`Part ${number} was answered with ${sent.status}: ${await sent.text()}`);
    }
  } finally {
    await handle.close();
  }
  report.check(
    "upload",
    "the page's policy and the bucket let a browser send every part",
    permitted,
    `${count} parts, ${megabytes(size)}`,
  );
};

const connectsTo = (policy: string, origin: string): boolean =>
  /connect-src ([^;]*)/.exec(policy)?.[1]?.split(" ").includes(origin) ?? false;

export const restoreUploaded = (context: StoryContext, snapshot: SnapshotView, expected: Fingerprint): Promise<void> =>
  part(context, `Restoring the upload into ${context.target.environmentId}`, async () => {
    const { report, api, local, target, progress } = context;
    const path = targetPath(context);
    const query = `source_snapshot_id=${snapshot.snapshot_id}`;
    const before = await lookAtTarget(context);
    const keys = JSON.stringify(before.keys.toSorted());
    const asked = expectStatus(await api.post<RestorePlanView>(`${path}restore-plans?${query}`), 200, "Planning");
    await settle(local);
    const planPath = `${path}restore-plans/${asked.plan_id}`;
    const {
      state,
      plan,
      status_message: message,
    } = expectStatus(await api.get<RestorePlanView>(planPath), 200, "Plan");
    const untouched = JSON.stringify([...(await context.reader.list(target)).keys()].toSorted()) === keys;
    report.check(
      "upload",
      "a plan of its restore refuses nothing, and touches nothing",
      state === "completed" && plan?.refusals.length === 0 && untouched,
      plan === null
        ? `${state}: ${message}`
        : [...plan.refusals, ...plan.warnings].map(({ code }) => code).join(", ") ||
            `${plan.files_to_put} files to put, about ${plan.estimated_seconds} s`,
    );
    for (const { code, message: warning } of plan?.warnings ?? []) progress.step(`acknowledged: ${code}, ${warning}`);
    const acknowledge = (plan?.warnings ?? []).map(({ code }) => code).join(",");
    const begun = await api.post<RestoreView>(`${path}restores?${query}&acknowledge=${acknowledge}`);
    const { restore_id: id } = expectStatus(begun, 200, "Asking for the restore");
    await settle(local);
    const done = expectStatus(await api.get<RestoreView>(`${path}restores/${id}`), 200, "Reading the restore");
    report.check("upload", "its restore is completed", done.state === "completed", done.status_message ?? "");
    await compareTarget(context, "upload", { ...expected, files: withoutAttributes(expected.files) }, before);
  });
