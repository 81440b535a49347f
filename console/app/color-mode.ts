/** Light or dark, as the browser is set, also when that changes while the page is open. */
import { applyMode, Mode } from "@cloudscape-design/global-styles";

export const followColorMode = (): void => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => applyMode(dark.matches ? Mode.Dark : Mode.Light);
  dark.addEventListener("change", apply);
  apply();
};
