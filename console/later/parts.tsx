/** Everything that the list of backups can do without, in one file of the build. */
import type { Dialog, DialogProps } from "../backups/dialog";
import type { Place, View } from "../app/place";
import { CalendarView } from "./calendar/calendar-view";
import { ContentsDialog } from "./contents/contents-dialog";
import { CreateDialog } from "./create-dialog";
import { DeleteDialog } from "./delete-dialog";
import { DetailsDialog } from "./details-dialog";
import { DownloadDialog } from "./download-dialog";
import { EnvironmentView } from "./environment-view";
import { KeepDialog } from "./keep/keep-dialog";
import { RegionsView } from "./regions-view";
import { RestoreDialog } from "./restore/restore-dialog";
import { UploadDialog } from "./upload/upload-dialog";
// oxlint-disable-next-line import/no-unassigned-import -- Styles have no values.
import "./later.css";

export { CopyId } from "./copy-text";
export { Preferences } from "./list-preferences-choice";
export { SignIn } from "./sign-in";

export const Dialogs = ({ dialog, ...props }: DialogProps & { readonly dialog: Dialog }) => {
  switch (dialog.kind) {
    case "create":
      return <CreateDialog {...props} />;
    case "upload":
      return <UploadDialog {...props} />;
    case "details":
      return <DetailsDialog {...props} snapshot={dialog.snapshot} />;
    case "download":
      return <DownloadDialog {...props} snapshot={dialog.snapshot} />;
    case "contents":
      return <ContentsDialog {...props} snapshot={dialog.snapshot} />;
    case "restore":
      return <RestoreDialog {...props} snapshot={dialog.snapshot} />;
    case "keep":
      return <KeepDialog {...props} snapshot={dialog.snapshot} />;
    default:
      return <DeleteDialog {...props} snapshot={dialog.snapshot} />;
  }
};

export const OtherViews = ({ view, place }: { readonly view: View; readonly place: Place | undefined }) => {
  if (view === "regions") return <RegionsView />;
  if (place === undefined) return null;
  return view === "calendar" ? <CalendarView place={place} /> : <EnvironmentView place={place} />;
};
