/**
 * A file's attributes on their way: from its bucket into the file index, where a plain file has none, and from there to
 * wherever the file is put. Pure.
 */
import { PLAIN_CONTENT_TYPE, type ObjectAttributes } from "../storage/object-attributes";
import type { IndexEntry } from "./file-index";

/** Classes that a file is put back in. Files of others would have to be restored before anyone could read them. */
const READABLE_CLASSES = new Set([
  "GLACIER_IR",
  "INTELLIGENT_TIERING",
  "ONEZONE_IA",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
]);
/** Restores leave their id on files that they put: it is no attribute of the app's. */
const OWN_MARK = { name: "restore-id", value: /^restore-[0-9a-f]{32}$/ };

/** What the index keeps: all that a plain file lacks; undefined where that is nothing. */
export const keptAttributes = ({
  contentType,
  metadata = {},
  ...rest
}: ObjectAttributes): ObjectAttributes | undefined => {
  const own = Object.entries(metadata).filter(([name, value]) => name !== OWN_MARK.name || !OWN_MARK.value.test(value));
  const kept: ObjectAttributes = {
    ...(contentType === undefined || contentType === PLAIN_CONTENT_TYPE ? {} : { contentType }),
    ...rest,
    ...(own.length === 0 ? {} : { metadata: Object.fromEntries(own) }),
  };
  return Object.keys(kept).length === 0 ? undefined : kept;
};

/** What the file is to be put with. */
export const attributesOf = ({ attributes = {} }: Pick<IndexEntry, "attributes">): ObjectAttributes => {
  const { storageClass, ...rest } = attributes;
  return {
    contentType: PLAIN_CONTENT_TYPE,
    ...rest,
    ...(storageClass !== undefined && READABLE_CLASSES.has(storageClass) ? { storageClass } : {}),
  };
};

/** The same for a copy that is read back and removed: the cheaper classes charge for months. */
export const scratchAttributesOf = (entry: Pick<IndexEntry, "attributes">): ObjectAttributes => {
  const { storageClass: _dear, ...rest } = attributesOf(entry);
  return rest;
};

/** Names of the attributes in which two files differ. */
export const differingAttributes = (a: ObjectAttributes, b: ObjectAttributes): readonly string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => {
    const key = name as keyof ObjectAttributes;
    return canonical(a[key]) !== canonical(b[key]);
  });

/**
 * Whether a file at a target has the attributes that it would be put with. In which class it is kept is not asked: the
 * bucket's own rules move files from one to another.
 */
export const hasAttributes = (standing: ObjectAttributes, entry: Pick<IndexEntry, "attributes">): boolean => {
  const { storageClass: _moved, ...found } = attributesOf({ attributes: keptAttributes(standing) ?? {} });
  return differingAttributes(found, scratchAttributesOf(entry)).length === 0;
};

/** Why a line of the index can't be right; undefined when it can. */
export const faultOfAttributes = (attributes: unknown): string | undefined => {
  if (attributes === undefined) return undefined;
  if (!isRecord(attributes)) return "the attributes are no object";
  const { metadata = {}, tags = {}, ...texts } = attributes;
  const wrong = [texts, metadata, tags].some(
    (part) => !isRecord(part) || Object.values(part).some((one) => typeof one !== "string"),
  );
  return wrong ? "an attribute is no text" : undefined;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** No tags, and no metadata, are as good as none at all. */
const canonical = (value: string | Readonly<Record<string, string>> = {}): string =>
  typeof value === "object"
    ? JSON.stringify(Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)))
    : JSON.stringify(value);
