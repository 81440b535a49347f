/** What a snapshot of before privileges were kept can't give back. Pure. */
import { isRecoveryPoint, type Manifest } from "../snapshot/manifest";
import type { PlanFinding as Finding } from "./plan-findings";

/** An upload says by itself where it matters: whoever made its dump may have wanted it so. */
export const privilegesWarnings = ({ database, consistency }: Pick<Manifest, "database" | "consistency">): Finding[] =>
  isRecoveryPoint(database) || database.privileges === true || consistency === "uploaded"
    ? []
    : [
        {
          code: "PrivilegesNotKept",
          message:
            "The snapshot was taken before privileges were kept: owners come back where their roles exist, grants don't, and everybody may call the database's functions until that is revoked again.",
        },
      ];
