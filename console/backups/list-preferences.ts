/** Which columns of the list someone sees and how long a page of it is, kept in this browser for wide and for narrow windows. */
export interface ListPreferences {
  readonly pageSize: number;
  /** In order; what isn't visible can be chosen. */
  readonly columns: readonly { readonly id: string; readonly visible: boolean }[];
}
export type Width = "wide" | "narrow";

const ITEM = "backups.list";
export const PAGE_SIZES = [25, 50, 100] as const;
/** Without it a row is nobody's. */
export const FIRST_COLUMN = "created";

const IDS = [
  FIRST_COLUMN,
  "actions",
  "state",
  "type",
  "by",
  "comment",
  "size",
  "tier",
  "expires",
  "model",
  "replicated",
  "id",
] as const;
/** A phone shows what one looks for; everything else is in the details. */
const SHOWN: Readonly<Record<Width, readonly string[]>> = {
  wide: IDS.filter((id) => id !== "replicated" && id !== "id"),
  narrow: [FIRST_COLUMN, "actions", "state"],
};
const initial = (width: Width): ListPreferences => ({
  pageSize: PAGE_SIZES[0],
  columns: IDS.map((id) => ({ id, visible: SHOWN[width].includes(id) })),
});

type Stored = Readonly<Record<Width, ListPreferences>>;

export const readPreferences = (): Stored => {
  const standard: Stored = { wide: initial("wide"), narrow: initial("narrow") };
  try {
    const stored = JSON.parse(localStorage.getItem(ITEM) ?? "{}") as Partial<Stored>;
    return { wide: completed(stored.wide, standard.wide), narrow: completed(stored.narrow, standard.narrow) };
  } catch {
    return standard;
  }
};
export const writePreferences = (preferences: Stored): void => localStorage.setItem(ITEM, JSON.stringify(preferences));

/** Another version of the page may have kept it: columns that are new come last, those that are no more are left out. */
const completed = (stored: ListPreferences | undefined, standard: ListPreferences): ListPreferences => {
  const kept = (stored?.columns ?? []).filter(({ id }) => standard.columns.some((one) => one.id === id));
  if (kept.length === 0) return standard;
  const isKept = (id: string): boolean => kept.some((one) => one.id === id);
  return {
    pageSize: PAGE_SIZES.find((one) => one === stored?.pageSize) ?? standard.pageSize,
    columns: [...kept, ...standard.columns.filter(({ id }) => !isKept(id))].map(({ id, visible }) => ({
      id,
      visible: visible || id === FIRST_COLUMN,
    })),
  };
};
