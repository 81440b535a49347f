/** Choice of the list's columns and of the length of its pages. */
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import type { Column } from "../backups/columns";
import { FIRST_COLUMN, PAGE_SIZES, type ListPreferences } from "../backups/list-preferences";

interface PreferencesProps {
  readonly columns: readonly Column[];
  readonly preferences: ListPreferences;
  readonly onChange: (preferences: ListPreferences) => void;
}
export const Preferences = ({ columns, preferences, onChange }: PreferencesProps) => (
  <CollectionPreferences
    title="Preferences"
    confirmLabel="Keep"
    cancelLabel="Cancel"
    preferences={{ pageSize: preferences.pageSize, contentDisplay: preferences.columns }}
    pageSizePreference={{
      title: "Backups on a page",
      options: PAGE_SIZES.map((value) => ({ value, label: `${value} backups` })),
    }}
    contentDisplayPreference={{
      title: "Columns",
      description: "They are remembered in this browser.",
      options: columns.map(({ id, header }) => ({
        id,
        label: header,
        ...(id === FIRST_COLUMN ? { alwaysVisible: true } : {}),
      })),
    }}
    onConfirm={({ detail }) =>
      onChange({
        pageSize: detail.pageSize ?? preferences.pageSize,
        columns: (detail.contentDisplay ?? []).flatMap((one) => ("id" in one && "visible" in one ? [one] : [])),
      })
    }
  />
);
