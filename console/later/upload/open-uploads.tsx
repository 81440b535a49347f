/** Uploads of this environment that were begun and not finished, by anybody. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { UploadView } from "../../api/types";
import { size, utc } from "../../text/format";

interface OpenUploadsProps {
  readonly uploads: readonly UploadView[];
  readonly onDiscard: (upload: UploadView) => void;
}
export const OpenUploads = ({ uploads, onDiscard }: OpenUploadsProps) =>
  uploads.length === 0 ? null : (
    <Alert type="info" header="Begun and not finished">
      <p>To go on, choose the same file again. What is left after a day is removed.</p>
      <ul>
        {uploads.map((one) => (
          <li key={one.upload_id}>
            {one.file_name} ({size(one.size)}), begun on {utc(one.created_at)} UTC{" "}
            <Button
              variant="inline-link"
              ariaLabel={`Discard the upload of ${one.file_name}`}
              onClick={() => onDiscard(one)}
            >
              Discard
            </Button>
          </li>
        ))}
      </ul>
    </Alert>
  );
