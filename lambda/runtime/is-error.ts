import { isNativeError } from "node:util/types";

/** Also for errors of another realm, such as those of Node's own sockets inside a sandbox. */
export const isError = (value: unknown): value is Error => value instanceof Error || isNativeError(value);
