/** Where an environment's files are read from: a bucket under a prefix, or a test's map. */
import type { ObjectAttributes } from "../storage/object-attributes";
import type { ObjectContent } from "../storage/object-store";

export interface FileSource {
  /**
   * The file's current content, or with `resume` the rest of the very content that was begun. Throws ObjectNotFound
   * for a missing file, ObjectChanged when that content is gone, StoreUnavailable, and failures with a sentence for
   * the user. An opened file must be read or given up (`abandon`).
   */
  open(key: string, resume?: ResumePoint): Promise<OpenFile>;
  /** Without the content. Throws as `open` does. */
  look(key: string): Promise<FileFacts>;
}
export interface OpenFile extends FileFacts {
  readonly body: ObjectContent["body"];
}
export interface FileFacts extends Pick<ObjectContent, "etag" | "lastModified"> {
  /** Bytes of the whole file, also when resumed. */
  readonly size: number;
  /** Where the source keeps versions. */
  readonly version?: string;
  /** What a plain file lacks. */
  readonly attributes?: ObjectAttributes;
}
export interface ResumePoint extends Pick<FileFacts, "size" | "etag" | "version"> {
  /** Content bytes already read. */
  readonly offset: number;
}
