/** A file of a snapshot as the API shows it. Pure. */
import { isMissing } from "../../pack/index-io";
import { writtenAt } from "../../pack/listed-marker";
import type { IndexLine } from "../../snapshot/file-index";
import { PLAIN_CONTENT_TYPE } from "../../storage/object-attributes";
import type { SnapshotFileView } from "../schemas/contents";
import { textOrNull, timeOf } from "./values";

const NOTHING_KEPT = {
  size: null,
  sha256: null,
  etag: null,
  last_modified: null,
  content_type: null,
  metadata: {},
  tags: {},
};

export const fileView = (line: IndexLine): SnapshotFileView => {
  const { key } = line;
  if (isMissing(line)) return { key, missing: true, ...NOTHING_KEPT };
  const { contentType = PLAIN_CONTENT_TYPE, metadata = {}, tags = {} } = line.attributes ?? {};
  const written = writtenAt(line);
  return {
    key,
    missing: false,
    size: line.size,
    sha256: line.sha256,
    etag: textOrNull(line.etag),
    last_modified: written === undefined ? null : timeOf(written.toISOString()),
    content_type: contentType,
    metadata: { ...metadata },
    tags: { ...tags },
  };
};
