/** The page's frame: who is signed in, which environment is looked at, and the view of it. */
import Alert from "@cloudscape-design/components/alert";
import AppLayout from "@cloudscape-design/components/app-layout";
import Header from "@cloudscape-design/components/header";
import { useEffect } from "react";
import { ApiFailure } from "../api/client";
import { BackupsView } from "../backups/backups-view";
import { OtherViews, SignIn } from "./later";
import { Notices } from "./notices";
import { hashOf, type Place, type View } from "./place";
import { PlaceChoice } from "./place-choice";
import { sessionState } from "./session-state";
import { useStore } from "./store";
import { TopBar, TopBarSignedIn } from "./top-bar";
import { usePlaces, type Places } from "./use-places";

const VIEW_NAMES: Readonly<Record<View, string>> = {
  backups: "Backups",
  calendar: "Calendar",
  environment: "Environment",
  regions: "Regions",
};

export const App = () => {
  const { session } = useStore(sessionState);
  return session === undefined ? <SignedOut /> : <SignedIn />;
};

const SignedOut = () => (
  <>
    <TopBar />
    <AppLayout
      navigationHide
      toolsHide
      headerSelector="#top"
      notifications={<Notices />}
      content={<SignIn />}
      contentType="form"
    />
  </>
);

const SignedIn = () => {
  const places = usePlaces();
  const { view, place } = places;
  useEffect(() => {
    const name = view === undefined ? "No such page" : VIEW_NAMES[view];
    document.title = `${name}${place === undefined ? "" : ` of ${place.environmentId}`}`;
  }, [view, place?.environmentId]);
  return (
    <>
      <TopBarSignedIn />
      <AppLayout
        headerSelector="#top"
        navigationHide
        toolsHide
        ariaLabels={{ notifications: "Messages" }}
        notifications={<Notices />}
        contentType="table"
        content={
          <>
            <Navigation view={view} place={place} />
            {view === "regions" ? null : <PlaceChoice places={places} />}
            <Content places={places} />
          </>
        }
      />
    </>
  );
};

const Content = ({ places }: { readonly places: Places }) => {
  const { view, place, dialog, environments, roles, appId, error } = places;
  if (view === undefined) return <NoSuchPage />;
  if (view === "regions") return <OtherViews view={view} place={place} />;
  // An app that isn't there has been told of above, and has no environments to speak of.
  if (error instanceof ApiFailure && error.status === 404) return <Header variant="h1">{VIEW_NAMES[view]}</Header>;
  if (place === undefined)
    return (
      <>
        <Header variant="h1">{VIEW_NAMES[view]}</Header>
        {environments?.length === 0 ? <NoEnvironments appId={appId ?? ""} /> : null}
      </>
    );
  const key = `${place.appId}/${place.environmentId}`;
  if (view !== "backups") return <OtherViews key={key} view={view} place={place} />;
  return <BackupsView key={key} place={place} address={dialog} environments={environments} roles={roles} />;
};

const NoSuchPage = () => (
  <>
    <Header variant="h1">No such page</Header>
    <Alert type="error">There is no page at this address: it may have been cut off. Choose a view above.</Alert>
  </>
);
const NoEnvironments = ({ appId }: { readonly appId: string }) => (
  <Alert type="info">App {appId} has no environments in this region.</Alert>
);

/** Links, so that a view can be opened in a tab of its own. */
const Navigation = ({ view, place }: { readonly view: View | undefined; readonly place: Place | undefined }) => (
  <nav className="views" aria-label="Views">
    {(Object.keys(VIEW_NAMES) as View[]).map((one) => (
      <a
        key={one}
        href={place === undefined ? `#/${one}` : hashOf(place, one)}
        {...(one === view ? { "aria-current": "page" as const } : {})}
      >
        {VIEW_NAMES[one]}
      </a>
    ))}
  </nav>
);
