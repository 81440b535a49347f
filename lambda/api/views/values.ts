/** Values as the API spells them. Pure. */
import { withPublished } from "../../snapshot/published-words";

/** With milliseconds, as published. */
export const timeOf = (time: string): string => new Date(time).toISOString();
export const timeOrNull = (time: string | null): string | null => (time === null ? null : timeOf(time));
export const textOrNull = (text: string): string | null => (text === "" ? null : text);
/** Null until something has happened to the item since it was created. */
export const updatedAtOf = (item: { readonly state: string; readonly createdAt: string; readonly updatedAt: string }) =>
  item.updatedAt === item.createdAt && (item.state === "queued" || item.state === "open")
    ? null
    : timeOf(item.updatedAt);

/** What all that is asked for has in common. `words`: the published ones, once it has completed. */
export const progressOf = <S extends string>(
  item: {
    readonly state: S;
    readonly statusMessage: string;
    readonly createdAt: string;
    readonly updatedAt: string;
    readonly finishedAt: string | null;
  },
  words?: string,
) => ({
  state: item.state,
  status_message: textOrNull(words === undefined ? item.statusMessage : withPublished(words, item)),
  created_at: timeOf(item.createdAt),
  finished_at: timeOrNull(item.finishedAt),
  updated_at: updatedAtOf(item),
});

/** One page of a list that is in order already. */
export const pageOf = <T>(items: readonly T[], { offset, limit }: { offset: number; limit: number }) => ({
  items: items.slice(offset, offset + limit),
  total: items.length,
  offset,
  limit,
});
