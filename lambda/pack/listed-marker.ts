/**
 * The marker of a file whose changes a listing tells: ETag, size, and when it was written. The date is for files that
 * were copied onto themselves with other attributes, which leaves ETag and size. Pure.
 */
import type { ListLine } from "../snapshot/file-index";
import type { ObjectInfo } from "../storage/object-store";

type Told = Pick<ObjectInfo, "etag" | "size" | "lastModified">;

/** S3 gives its dates to the second, in listings and with the file; other servers give more in listings. */
export const listedMarker = (file: Told): string => {
  const { lastModified } = file;
  return lastModified === undefined
    ? undatedMarker(file)
    : `${undatedMarker(file)}/${Math.floor(lastModified.getTime() / 1000)}`;
};

/** As it was before dates were part of it. */
export const undatedMarker = ({ etag, size }: Told): string => `${etag}/${size}`;

export const isMarkerOf = (marker: string, file: Told): boolean =>
  marker === undatedMarker(file) || marker.startsWith(`${undatedMarker(file)}/`);

/** When a file was last written, to the second, where its marker tells; undefined where another kind of marker does. */
export const writtenAt = ({
  marker = "",
  ...file
}: { readonly marker?: string } & Pick<Told, "etag" | "size">): Date | undefined => {
  const before = `${undatedMarker(file)}/`;
  const seconds = marker.slice(before.length);
  return marker.startsWith(before) && /^\d{1,11}$/.test(seconds) ? new Date(Number(seconds) * 1000) : undefined;
};

/**
 * The marker that goes into the index. Of a file that was overwritten after it was listed, or that the listing lacks, it is
 * made of what was read, so that it always belongs to the content that the snapshot holds.
 */
export const markerOfRead = ({ marker, size, unlisted }: ListLine, read: Told): string | undefined => {
  if (unlisted === true) return listedMarker(read);
  if (size === undefined || marker === undefined || isMarkerOf(marker, read)) return marker;
  return listedMarker(read);
};
