/** What the API answers: its own schemas' types, so that the page can't drift from it. */
import type { z } from "zod";
import type { archiveEstimate, ArchiveView, dataType } from "../../lambda/api/schemas/archives";
import type {
  appList,
  calendar,
  environmentList,
  EnvironmentView,
  me,
  regionList,
} from "../../lambda/api/schemas/environments";
import type { drillList, DrillView } from "../../lambda/api/schemas/drills";
import type { snapshotFilePage, SnapshotFileView } from "../../lambda/api/schemas/contents";
import type { restoreList, RestorePlanView, RestoreView } from "../../lambda/api/schemas/restores";
import type { snapshotPage, SnapshotView } from "../../lambda/api/schemas/snapshots";
import type { partAddresses, uploadList, uploadWithParts } from "../../lambda/api/schemas/uploads";

export type { ArchiveView, DrillView, EnvironmentView, RestorePlanView, RestoreView, SnapshotView };
export type Finding = SnapshotView["warnings"][number];
export type SnapshotPage = z.infer<typeof snapshotPage>;
export type ArchiveDataType = z.infer<typeof dataType>;
export type ArchiveEstimate = z.infer<typeof archiveEstimate>;
export type FilePage = z.infer<typeof snapshotFilePage>;
export type FileView = SnapshotFileView;
export type UploadList = z.infer<typeof uploadList>;
/** `parts` is there where one upload is asked for, not in the list. */
export type UploadView = UploadList["uploads"][number] & Partial<Pick<z.infer<typeof uploadWithParts>, "parts">>;
export type PartUrls = z.infer<typeof partAddresses>;
export type DrillList = z.infer<typeof drillList>;
export type RestoreList = z.infer<typeof restoreList>;
export type Me = z.infer<typeof me>;
export type AppList = z.infer<typeof appList>;
export type AppView = AppList["apps"][number];
export type Role = AppView["roles"][number];
export type EnvironmentList = z.infer<typeof environmentList>;
export type EnvironmentSummary = EnvironmentList["environments"][number];
export type CalendarAnswer = z.infer<typeof calendar>;
export type CalendarRun = CalendarAnswer["runs"][number];
export type CalendarLife = CalendarAnswer["lives"][number];
export type RegionList = z.infer<typeof regionList>;
