/** Choice of app and environment; the choice goes into the address. */
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import { request } from "../api/client";
import { environmentsPath } from "../api/early";
import type { EnvironmentList } from "../api/types";
import { Failure } from "./failure";
import { goTo } from "./navigate";
import { notify, notifyFailure } from "./notices";
import { hashOf, type View } from "./place";
import type { Places } from "./use-places";

export const PlaceChoice = ({ places }: { readonly places: Places }) => {
  const { apps, environments, place, appId, view = "backups" } = places;
  if (apps?.length === 0) {
    return <Alert type="info">You have no role on any app: ask who administers the backups for one.</Alert>;
  }
  const appOptions = (apps ?? []).map((app) => ({ value: app.project_id, label: app.project_id }));
  const options = (environments ?? []).map((one) => ({ value: one.environment_id, label: one.environment_id }));
  const failed = places.error !== undefined;
  return (
    <>
      <Failure error={places.error} stale={apps !== undefined && environments !== undefined} onRetry={places.reload} />
      <div className="place">
        <FormField label="App">
          <Select
            {...stateOf(apps, failed)}
            empty="You have no role on any app."
            selectedOption={appOptions.find(({ value }) => value === appId) ?? optionOf(appId)}
            options={appOptions}
            filteringType={appOptions.length > 10 ? "auto" : "none"}
            onChange={({ detail }) => void goToApp(detail.selectedOption.value ?? "", view)}
          />
        </FormField>
        <FormField label="Environment">
          <Select
            {...stateOf(environments, failed)}
            empty="This app has no environments here."
            selectedOption={
              options.find(({ value }) => value === place?.environmentId) ?? optionOf(place?.environmentId)
            }
            options={options}
            filteringType={options.length > 10 ? "auto" : "none"}
            onChange={({ detail }) =>
              goTo(hashOf({ appId: appId ?? "", environmentId: detail.selectedOption.value ?? "" }, view))
            }
          />
        </FormField>
      </div>
    </>
  );
};

const optionOf = (value: string | undefined) => (value === undefined ? null : { value, label: value });

/** A list that hasn't come is no empty one. */
const stateOf = (list: readonly unknown[] | undefined, failed: boolean): Partial<SelectProps> => {
  if (list !== undefined) return {};
  return failed
    ? { statusType: "error", errorText: "The list could not be loaded." }
    : { statusType: "loading", loadingText: "Loading the list" };
};

const goToApp = async (appId: string, view: View): Promise<void> => {
  try {
    const { environments } = await request<EnvironmentList>("GET", environmentsPath(appId));
    const [first] = environments;
    if (first === undefined) return notify("info", `App ${appId} has no environments yet.`);
    return goTo(hashOf({ appId, environmentId: first.environment_id }, view));
  } catch (error) {
    return notifyFailure(error);
  }
};
