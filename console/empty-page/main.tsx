/** Next to nothing, in the same framework: what the page's loading time is measured against. Not part of the page. */
import AppLayout from "@cloudscape-design/components/app-layout";
import { createRoot } from "react-dom/client";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<AppLayout navigationHide toolsHide content={<h1>Empty</h1>} />);
