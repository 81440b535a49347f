/** What the hostile uploads are made with. */
import { gzipSync } from "node:zlib";
import { file, tar, treeName, uuid } from "./tar-maker";

export type Hostile = readonly [name: string, bytes: Buffer, says: RegExp];

export const TREE = treeName(uuid(1));

export const archive = (...parts: readonly Buffer[]): Buffer => gzipSync(tar(...parts));

/** What is wrong, then the dump. */
export const before = (db: Buffer, ...parts: readonly Buffer[]): Buffer => archive(...parts, db);

export const longName = (name: string): Buffer => file("././@LongLink", `${name}\0`, { type: "L" });
