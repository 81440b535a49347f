/** What a backup holds: its files, found by what their keys begin with, and one file or one table of it to download. */
import { useState } from "react";
import Tabs from "@cloudscape-design/components/tabs";
import { request } from "../../api/client";
import { environmentPath } from "../../api/early";
import type { ArchiveView } from "../../api/types";
import type { SnapshotDialogProps } from "../../backups/dialog";
import { AskDialog } from "../ask-dialog";
import { Progress } from "../download-dialog";
import { downloadKey, forgetDownload } from "../download-keys";
import { useFollow } from "../use-follow";
import { FilesFinder } from "./files-finder";
import { TableChoice } from "./table-choice";

/** What of the backup, as the API's query says it. */
export type Part =
  | { readonly data_type: "one_file"; readonly key: string }
  | { readonly data_type: "one_table"; readonly table: string };

export const ContentsDialog = ({ place, snapshot, onClose }: SnapshotDialogProps) => {
  const [part, setPart] = useState<Part>();
  const archive = useFollow<ArchiveView>();
  const path = `${environmentPath(place)}/snapshots/${encodeURIComponent(snapshot.snapshot_id)}`;
  const get = async (wanted: Part): Promise<void> => {
    const asked = await request<ArchiveView>("POST", `${path}/archives`, {
      query: wanted,
      idempotencyKey: downloadKey(snapshot.snapshot_id, JSON.stringify(wanted)),
    });
    setPart(wanted);
    archive.follow(asked, `${path}/archives/${encodeURIComponent(asked.archive_id)}`);
  };
  const back = (): void => {
    // A failed one, or one whose time is over, is asked for anew.
    if (archive.value?.state !== "completed" || archive.value.url === null)
      forgetDownload(snapshot.snapshot_id, JSON.stringify(part));
    archive.clear();
  };
  const isPreparing = archive.value?.state === "queued" || archive.value?.state === "running";
  return (
    <AskDialog
      title="Files and Tables"
      size="large"
      onClose={onClose}
      closeText="Close"
      {...(archive.value === undefined || isPreparing
        ? {}
        : { action: { text: "Fetch something else", run: async () => back() } })}
    >
      {archive.value === undefined ? null : <Progress archive={archive.value} error={archive.error} onAgain={back} />}
      {/* Kept while something is fetched, so that the place in the list is not lost. */}
      <div hidden={archive.value !== undefined}>
        <Tabs
          ariaLabel="What to fetch"
          tabs={[
            { id: "files", label: "Files", content: <FilesFinder path={`${path}/files`} onGet={get} /> },
            {
              id: "table",
              label: "Table",
              content:
                snapshot.database_backup === "recovery-point" ? (
                  <p>The database of this backup is a recovery point of AWS Backup: no table can be taken out of it.</p>
                ) : (
                  <TableChoice onGet={get} />
                ),
            },
          ]}
        />
      </div>
    </AskDialog>
  );
};
