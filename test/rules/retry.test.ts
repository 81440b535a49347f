import { afterFailure } from "../../lambda/rules/retry";

describe("Rule 5: retry", () => {
  test("Rule 5: a failed nightly is tried two more times", () => {
    expect(afterFailure({ trigger: "nightly", attempt: 1, retryable: true })).toEqual({ next: 2 });
    expect(afterFailure({ trigger: "nightly", attempt: 2, retryable: true })).toEqual({ next: 3 });
  });

  test("Rule 5: after the third attempt it is recorded as failed", () => {
    expect(afterFailure({ trigger: "nightly", attempt: 3, retryable: true })).toEqual({
      next: null,
      why: "all 3 attempts of this night have failed",
    });
  });

  test("Rule 5: what trying again cannot help is recorded at once", () => {
    expect(afterFailure({ trigger: "nightly", attempt: 1, retryable: false })).toEqual({
      next: null,
      why: "trying again cannot help",
    });
  });

  test("Rule 5: only nightlies are repeated", () => {
    expect(afterFailure({ trigger: "on-demand", attempt: 1, retryable: true }).next).toBeNull();
  });
});
