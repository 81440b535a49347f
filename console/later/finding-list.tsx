/** Findings of a backup, a plan or a restore: one sentence each, with the code by which docs/warnings.md explains it. */
import Box from "@cloudscape-design/components/box";
import type { Finding } from "../api/types";

export const FindingList = ({ findings }: { readonly findings: readonly Finding[] }) => (
  <ul>
    {findings.map(({ code, message }) => (
      <li key={`${code} ${message}`}>
        {message} <Code code={code} />
      </li>
    ))}
  </ul>
);

export const Code = ({ code }: { readonly code: string }) => (
  <Box variant="small" display="inline" color="inherit">
    [{code}]
  </Box>
);
