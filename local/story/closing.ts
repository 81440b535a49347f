/** The closing table, and what the run can't show. */
import { CANNOT_SHOW } from "./cannot-show";
import { table, type Progress } from "./progress";
import type { Report } from "./report";

export const close = (report: Report, progress: Progress): void => {
  progress.title("What was found");
  const parts = [...new Set(report.checks.map(({ part }) => part))];
  const rows = parts.map((part) => {
    const checks = report.checks.filter((check) => check.part === part);
    const passed = checks.filter((check) => check.passed).length;
    return [part, checks.length, passed, passed === checks.length ? "ok" : "FAILED"];
  });
  progress.line(table(["part", "checks", "passed", ""], rows));
  progress.title("Time and requests");
  const times = report.parts.map(({ part, seconds, requests }) => {
    const sum = Object.values(requests)
      .flatMap((ofRole) => Object.values(ofRole))
      .reduce((total, count) => total + count, 0);
    return [part, Number(seconds.toFixed(1)), sum];
  });
  progress.line(table(["part", "seconds", "requests"], times));
  const failed = report.checks.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    progress.title("Failed");
    for (const { part, what, detail } of failed)
      progress.line(`  ${part}: ${what}${detail === "" ? "" : ` (${detail})`}`);
  }
  progress.title("What this machine can't show");
  for (const line of CANNOT_SHOW) progress.line(`  - ${line}`);
  progress.line(
    `\n${report.checks.length - failed.length} of ${report.checks.length} checks passed in ${report.seconds.toFixed(0)} s.`,
  );
};
