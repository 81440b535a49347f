/** Apps of this test file are synthesized without CDK's own validation of templates, which takes longer than they do. */
export const withoutValidation = (): void => {
  const before = process.env["CDK_VALIDATION"];
  beforeAll(() => {
    process.env["CDK_VALIDATION"] = "false";
  });
  afterAll(() => {
    if (before === undefined) delete process.env["CDK_VALIDATION"];
    else process.env["CDK_VALIDATION"] = before;
  });
};
