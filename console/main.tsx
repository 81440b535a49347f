/** The page's entry: colours, texts of the design components, and the app itself. */
// oxlint-disable-next-line import/no-unassigned-import -- Styles have no values.
import "./base.css";
import I18nProvider from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { createRoot } from "react-dom/client";
import { whenEarlyCame } from "./api/early";
import { App } from "./app/app";
import { followColorMode } from "./app/color-mode";
import { followSession } from "./app/session-state";
import { setEarlyServiceTime } from "./app/use-service";

followColorMode();
/** No longer than someone would notice. */
const WAIT_MS = 300;

const root = document.getElementById("root");
if (root !== null) {
  const draw = async (): Promise<void> => {
    await whenEarlyCame(WAIT_MS);
    followSession();
    setEarlyServiceTime();
    createRoot(root).render(
      <I18nProvider locale="en" messages={[messages]}>
        <App />
      </I18nProvider>,
    );
  };
  void draw();
}
