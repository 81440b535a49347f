/** What the list of backups can do without: loaded once the list stands, or when it is asked for, whichever is first. */
import { lazy, Suspense, type ComponentProps } from "react";
import type * as LaterParts from "../later/parts";

type Parts = typeof LaterParts;
let loading: Promise<Parts> | undefined;

const loadStyles = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = document.querySelector<HTMLMetaElement>("meta[name=later-styles]")?.content ?? "";
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error("A part of the page could not be loaded: reload the page."));
    });
    // Before the styles of the first view, which are to win as they do in one file.
    document.head.prepend(link);
  });

export const loadLater = (): Promise<Parts> => {
  loading ??= Promise.all([import("../later/parts"), loadStyles()]).then(([parts]) => parts);
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
};

const SignInForm = lazy(async () => ({ default: (await loadLater()).SignIn }));
const DialogHost = lazy(async () => ({ default: (await loadLater()).Dialogs }));
const CopyButton = lazy(async () => ({ default: (await loadLater()).CopyId }));
const PreferencesChoice = lazy(async () => ({ default: (await loadLater()).Preferences }));
const OtherView = lazy(async () => ({ default: (await loadLater()).OtherViews }));

const Waiting = () => (
  <p role="status" className="muted">
    Loading…
  </p>
);
export const SignIn = () => (
  <Suspense fallback={<Waiting />}>
    <SignInForm />
  </Suspense>
);
export const Dialogs = (props: ComponentProps<Parts["Dialogs"]>) => (
  <Suspense fallback={null}>
    <DialogHost {...props} />
  </Suspense>
);
export const CopyId = (props: ComponentProps<Parts["CopyId"]>) => (
  <Suspense fallback={props.id}>
    <CopyButton {...props} />
  </Suspense>
);
export const Preferences = (props: ComponentProps<Parts["Preferences"]>) => (
  <Suspense fallback={null}>
    <PreferencesChoice {...props} />
  </Suspense>
);
export const OtherViews = (props: ComponentProps<Parts["OtherViews"]>) => (
  <Suspense fallback={<Waiting />}>
    <OtherView {...props} />
  </Suspense>
);
