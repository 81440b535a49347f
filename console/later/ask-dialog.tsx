/** A dialogue that asks for one thing: its contents, a way out, and a button that does it and shows why it couldn't. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { sentenceOf } from "../api/client";

interface AskDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** The button that does it; without it the dialogue only shows. */
  readonly action?: {
    readonly text: string;
    readonly disabled?: boolean;
    /** A failure stays in the dialogue, and may be tried again. */
    readonly run: () => Promise<void>;
  };
  /** @default "Cancel" with an action, else "Close" */
  readonly closeText?: string;
  readonly size?: "medium" | "large";
}

export const AskDialog = ({ title, children, onClose, action, closeText, size = "medium" }: AskDialogProps) => {
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<string>();
  const run = async (): Promise<void> => {
    setRunning(true);
    setFailure(undefined);
    try {
      await action?.run();
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setRunning(false);
    }
  };
  return (
    <Modal
      visible
      size={size}
      header={title}
      closeAriaLabel="Close the dialogue"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {closeText ?? (action === undefined ? "Close" : "Cancel")}
            </Button>
            {action === undefined ? null : (
              <Button
                variant="primary"
                loading={running}
                loadingText="Under way"
                disabled={action.disabled ?? false}
                onClick={() => void run()}
              >
                {action.text}
              </Button>
            )}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {failure === undefined ? null : <Alert type="error">{failure}</Alert>}
        {children}
      </SpaceBetween>
    </Modal>
  );
};
