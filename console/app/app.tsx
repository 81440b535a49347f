/** The page's frame: who is signed in, which environment is looked at, and the view of it. */
import AppLayout from "@cloudscape-design/components/app-layout";
import Header from "@cloudscape-design/components/header";
import TopNavigation from "@cloudscape-design/components/top-navigation";
import { useEffect, type ComponentProps } from "react";
import { ApiFailure } from "../api/client";
import type { Me } from "../api/types";
import { BackupsView } from "../backups/backups-view";
import { OtherViews, SignIn } from "./later";
import { Notices } from "./notices";
import { hashOf, type Place, type View } from "./place";
import { PlaceChoice } from "./place-choice";
import { sessionState, signOut } from "./session-state";
import { useStore } from "./store";
import { useAnswer } from "./use-answer";
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
    <TopBar utilities={[]} />
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
  const me = useAnswer<Me>("me");
  const places = usePlaces();
  const { view } = places;
  useEffect(() => {
    if (me.error instanceof ApiFailure && me.error.status === 403) signOut(me.error.message);
  }, [me.error]);
  useEffect(() => {
    document.title = `${VIEW_NAMES[view]}${places.place === undefined ? "" : ` of ${places.place.environmentId}`}`;
  }, [view, places.place?.environmentId]);
  return (
    <>
      <TopBar
        utilities={[
          {
            type: "button",
            text: me.value?.name ?? "",
            iconName: "user-profile",
            ariaLabel: `Signed in as ${me.value?.name ?? ""}`,
          },
          { type: "button", text: "Sign out", onClick: () => signOut() },
        ]}
      />
      <AppLayout
        headerSelector="#top"
        navigationHide
        toolsHide
        ariaLabels={{ notifications: "Messages" }}
        notifications={<Notices />}
        contentType="table"
        content={
          <>
            <Navigation view={view} place={places.place} />
            {view === "regions" ? null : <PlaceChoice places={places} />}
            <Content places={places} />
          </>
        }
      />
    </>
  );
};

const Content = ({ places: { view, place, environments, roles } }: { readonly places: Places }) => {
  if (view === "regions") return <OtherViews view={view} place={place} />;
  if (place === undefined) return <Header variant="h1">{VIEW_NAMES[view]}</Header>;
  const key = `${place.appId}/${place.environmentId}`;
  if (view === "backups") return <BackupsView key={key} place={place} environments={environments} roles={roles} />;
  return <OtherViews key={key} view={view} place={place} />;
};

const TopBar = ({ utilities }: { readonly utilities: ComponentProps<typeof TopNavigation>["utilities"] }) => (
  <div id="top">
    <TopNavigation
      identity={{ href: "#/", title: "Nightly Backups" }}
      {...(utilities === undefined ? {} : { utilities })}
    />
  </div>
);

/** Links, so that a view can be opened in a tab of its own. */
const Navigation = ({ view, place }: { readonly view: View; readonly place: Place | undefined }) => (
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
