/** Asks for a download of a backup, or of a part of it, and follows it, here and in a notice that outlives the dialogue. */
import { useState } from "react";
import { request } from "../api/client";
import { environmentPath } from "../api/early";
import type { ArchiveDataType, ArchiveView } from "../api/types";
import { followWork } from "../app/follow-work";
import { dialogHash } from "../app/place";
import type { SnapshotDialogProps } from "../backups/dialog";
import { utc } from "../text/format";
import { downloadKey, forgetDownload } from "./download-keys";
import { useFollow } from "./use-follow";

export type WholeType = Exclude<ArchiveDataType, "one_file" | "one_table">;
/** What of the backup, as the API's query says it. */
export type Wanted =
  | { readonly data_type: WholeType }
  | { readonly data_type: "one_file"; readonly key: string }
  | { readonly data_type: "one_table"; readonly table: string };

const keyOf = (wanted: Wanted): string => new URLSearchParams({ ...wanted }).toString();

/** `kind`: the dialogue that finds it again. */
export const useDownload = (
  { place, snapshot }: Pick<SnapshotDialogProps, "place" | "snapshot">,
  kind: "download" | "contents",
) => {
  const id = snapshot.snapshot_id;
  const path = `${environmentPath(place)}/snapshots/${encodeURIComponent(id)}/archives`;
  const [wanted, setWanted] = useState<Wanted>();
  const archive = useFollow<ArchiveView>();
  const prepare = async (next: Wanted): Promise<void> => {
    const asked = await request<ArchiveView>("POST", path, {
      query: next,
      idempotencyKey: downloadKey(id, keyOf(next)),
    });
    const found = `${path}/${encodeURIComponent(asked.archive_id)}`;
    setWanted(next);
    archive.follow(asked, found);
    if (asked.state === "completed" || asked.state === "failed") return;
    const what = `The download of ${kind === "download" ? "" : "a part of "}the backup of ${utc(snapshot.created_at)} UTC`;
    void followWork<ArchiveView>({
      id: asked.archive_id,
      first: asked,
      path: found,
      what,
      running: "is being prepared",
      completed: () => `${what} is ready.`,
      link: {
        hash: dialogHash(place, { kind, snapshotId: id }),
        text: kind === "download" ? "Show the download" : "Show the files and tables",
      },
    });
  };
  /** Back to the choice. What failed, or whose links have ended, is prepared anew when it is asked for again. */
  const startAgain = (): void => {
    const { state, url } = archive.value ?? {};
    const isOver = state === "failed" || (state === "completed" && url === null);
    if (isOver && wanted !== undefined) forgetDownload(id, keyOf(wanted));
    archive.clear();
  };
  return { value: archive.value, error: archive.error, prepare, startAgain };
};
