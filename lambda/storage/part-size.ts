/**
 * How large the next part of a multipart upload must be, so that 10,000 parts hold 5 TB though the total is not known
 * beforehand: 16 MiB at first, later a fixed share of what has been written. 100 GiB are reached with parts of 54 MiB.
 */
import { PART_BYTES } from "./object-store";

const MIB = 1024 * 1024;
/** 16 MiB × 1,900 × e^(parts left ÷ 1,900) passes 5 TiB before part 10,000; the test counts it. */
const SHARE = 1_900;

export const nextPartBytes = (written: number): number => Math.max(PART_BYTES, Math.ceil(written / SHARE / MIB) * MIB);
