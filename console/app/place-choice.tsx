/** Choice of app and environment; the choice goes into the address. */
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { ApiFailure, request, sentenceOf } from "../api/client";
import { environmentsPath } from "../api/early";
import type { EnvironmentList } from "../api/types";
import { notify, notifyFailure } from "./notices";
import { hashOf, type View } from "./place";
import type { Places } from "./use-places";

export const PlaceChoice = ({ places }: { readonly places: Places }) => {
  const { apps, environments, place, appId, view } = places;
  if (apps?.length === 0) {
    return <Alert type="info">You have no role on any app: ask who administers the backups for one.</Alert>;
  }
  const appOptions = (apps ?? []).map((app) => ({ value: app.project_id, label: app.project_id }));
  const options = (environments ?? []).map((one) => ({ value: one.environment_id, label: one.environment_id }));
  return (
    <>
      {places.error === undefined || isSignedOut(places.error) ? null : (
        <Alert type="error">{sentenceOf(places.error)}</Alert>
      )}
      <div className="place">
        <FormField label="App">
          <Select
            selectedOption={appOptions.find(({ value }) => value === appId) ?? optionOf(appId)}
            options={appOptions}
            filteringType={appOptions.length > 10 ? "auto" : "none"}
            onChange={({ detail }) => void goToApp(detail.selectedOption.value ?? "", view)}
          />
        </FormField>
        <FormField label="Environment">
          <Select
            selectedOption={
              options.find(({ value }) => value === place?.environmentId) ?? optionOf(place?.environmentId)
            }
            options={options}
            filteringType={options.length > 10 ? "auto" : "none"}
            onChange={({ detail }) => goTo(appId ?? "", detail.selectedOption.value ?? "", view)}
          />
        </FormField>
      </div>
    </>
  );
};

const optionOf = (value: string | undefined) => (value === undefined ? null : { value, label: value });
const isSignedOut = (error: unknown): boolean => error instanceof ApiFailure && error.status === 403;

const goTo = (appId: string, environmentId: string, view: View): void => {
  location.hash = hashOf({ appId, environmentId }, view);
};
const goToApp = async (appId: string, view: View): Promise<void> => {
  try {
    const { environments } = await request<EnvironmentList>("GET", environmentsPath(appId));
    const [first] = environments;
    if (first === undefined) return notify("info", `App ${appId} has no environments yet.`);
    return goTo(appId, first.environment_id, view);
  } catch (error) {
    return notifyFailure(error);
  }
};
