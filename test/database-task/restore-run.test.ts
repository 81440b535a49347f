import { failedNumbers } from "../../lambda/database-task/restore-run";

test("an entry is named by pg_restore's own line, and not by what the server says of another", () => {
  const lines = [
    "pg_restore: from TOC entry 3; 0 0 CHECK CONSTRAINT t c app",
    "pg_restore: error: could not execute query: ERROR:  as told",
    "from TOC entry 5; 0 0 TABLE other app",
    "pg_restore: error: COPY failed",
    "DETAIL: pg_restore: from TOC entry 6;",
    "pg_restore: error: and more",
  ];
  expect([...failedNumbers(lines)]).toEqual([[3, "as told"]]);
});
