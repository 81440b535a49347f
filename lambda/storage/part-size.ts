/**
 * How large the next part of a multipart upload must be, so that 10,000 parts hold 5 TB though the total is not known
 * beforehand: 16 MiB at first, later a fixed share of what has been written. 100 GiB are reached with parts of 69 MiB.
 */
import { PART_BYTES } from "./object-store";

const MIB = 1024 * 1024;
/** After 1,500 parts of 16 MiB (23 GiB), 1,500 more multiply the total by e: part 10,000 lies beyond 6 TiB. */
const SHARE = 1_500;

export const nextPartBytes = (written: number, smallest = PART_BYTES): number => {
  const share = written / SHARE;
  return share <= smallest ? smallest : Math.ceil(share / MIB) * MIB;
};
