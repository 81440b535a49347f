/** Which parts of a file still have to be sent, by what storage says that it holds. Pure. */
import type { UploadView } from "../../api/types";

/** Numbers of the parts that storage doesn't hold whole, and the bytes that it does. Pure. */
export const missingParts = (upload: UploadView): { readonly numbers: number[]; readonly bytes: number } => {
  const stored = new Map((upload.parts ?? []).map(({ part_number, size }) => [part_number, size]));
  const numbers: number[] = [];
  let bytes = 0;
  for (let number = 1; number <= partCount(upload); number++) {
    const wanted = rangeOf(upload, number);
    if (stored.get(number) === wanted.to - wanted.from) bytes += wanted.to - wanted.from;
    else numbers.push(number);
  }
  return { numbers, bytes };
};
const partCount = ({ size, part_size }: UploadView): number => Math.max(1, Math.ceil(size / part_size));
/** Bytes of the file, the last one not included. */
export const rangeOf = ({ size, part_size }: UploadView, number: number) => ({
  from: (number - 1) * part_size,
  to: Math.min(number * part_size, size),
});
