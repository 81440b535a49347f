/** What a backup holds: its files, found by what their keys begin with, and one file or one table of it to download. */
import { useRef } from "react";
import Tabs from "@cloudscape-design/components/tabs";
import { environmentPath } from "../../api/early";
import type { SnapshotDialogProps } from "../../backups/dialog";
import { AskDialog } from "../ask-dialog";
import { Progress } from "../download-dialog";
import { useDownload, type Wanted, type WholeType } from "../use-download";
import { FilesFinder } from "./files-finder";
import { TableChoice } from "./table-choice";

/** What one of its tabs asks for. */
export type Part = Exclude<Wanted, { readonly data_type: WholeType }>;

export const ContentsDialog = ({ place, snapshot, onClose }: SnapshotDialogProps) => {
  const archive = useDownload({ place, snapshot }, "contents");
  const path = `${environmentPath(place)}/snapshots/${encodeURIComponent(snapshot.snapshot_id)}`;
  /** What had the keyboard when it was asked for. */
  const askedAt = useRef<Element>(null);
  const get = (part: Part): Promise<void> => {
    askedAt.current = document.activeElement;
    return archive.prepare(part);
  };
  const back = (): void => {
    archive.startAgain();
    // A frame later, when the choice is there again.
    requestAnimationFrame(() => askedAt.current instanceof HTMLElement && askedAt.current.focus());
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
