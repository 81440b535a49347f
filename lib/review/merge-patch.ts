/** JSON merge patches (RFC 7396): null removes, objects merge, everything else replaces. Nothing here holds a null. Pure. */
import { isObject, same, type Json } from "./deployment";
import { sorted } from "./plain-values";

export const patchBetween = (from: Json, to: Json): Json => {
  if (!isObject(from) || !isObject(to)) return to;
  const patch: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const before = from[key];
    const after = to[key];
    if (same(before, after)) continue;
    patch[key] = after === undefined ? null : before === undefined ? after : patchBetween(before, after);
  }
  return patch;
};

export const mergePatch = (from: Json, patch: Json): Json => {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = isObject(from) ? { ...from } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key] ?? {}, value);
  }
  return isObject(from) && "properties" in from ? merged : sorted(merged);
};
