/** A dialogue that asks for one thing: its contents, a way out, and a button that does it and shows why it couldn't. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState, type ReactNode } from "react";
import { sentenceOf } from "../api/client";
import { FocusedSection } from "./focused-section";
import { useLostEscape } from "./use-lost-escape";

interface AskDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** The button that does it; without it the dialogue only shows. */
  readonly action?: {
    readonly text: string;
    /** Why it can't be done now, in a sentence that the button shows. */
    readonly blocked?: string | undefined;
    /** What was asked for goes on in the service. @default false */
    readonly underWay?: boolean;
    /** A failure stays in the dialogue, and may be tried again. */
    readonly run: () => Promise<void>;
  };
  /** @default "Cancel" with an action, else "Close" */
  readonly closeText?: string;
  readonly size?: "medium" | "large";
  /** Something has been entered that closing would lose: Escape asks before it does. @default false */
  readonly unsaved?: boolean;
}

export const AskDialog = (props: AskDialogProps) => {
  const { title, children, onClose, action, closeText, size = "medium", unsaved = false } = props;
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [asking, setAsking] = useState(false);
  /** What had the keyboard before the question. */
  const askedAt = useRef<Element>(null);
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
  // The buttons say what they do; a key, or a click beside the dialogue, may be a slip.
  const dismiss = (reason: string): void => {
    if (asking && reason === "keyboard") return goOn();
    if (!unsaved || asking || reason === "closeButton") return onClose();
    askedAt.current = document.activeElement;
    return setAsking(true);
  };
  const goOn = (): void => {
    setAsking(false);
    if (askedAt.current instanceof HTMLElement) askedAt.current.focus();
  };
  useLostEscape(() => dismiss("keyboard"));
  return (
    <Modal
      visible
      size={size}
      header={title}
      closeAriaLabel="Close the dialogue"
      onDismiss={({ detail }) => dismiss(detail.reason)}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {closeText ?? (action === undefined ? "Close" : "Cancel")}
            </Button>
            {action === undefined ? null : (
              <Button
                variant="primary"
                loading={running || action.underWay === true}
                loadingText="Under way"
                disabled={action.blocked !== undefined}
                {...(action.blocked === undefined ? {} : { disabledReason: action.blocked })}
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
        {asking ? <UnsavedQuestion onKeep={goOn} onDiscard={onClose} /> : null}
        {failure === undefined ? null : (
          <FocusedSection key={failure} label="What went wrong">
            <Alert type="error">{failure}</Alert>
          </FocusedSection>
        )}
        {children}
      </SpaceBetween>
    </Modal>
  );
};

interface UnsavedQuestionProps {
  readonly onKeep: () => void;
  readonly onDiscard: () => void;
}
const UnsavedQuestion = ({ onKeep, onDiscard }: UnsavedQuestionProps) => (
  <FocusedSection label="Close without saving?">
    <Alert
      type="warning"
      header="Close without saving?"
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={onDiscard}>Discard and close</Button>
          <Button onClick={onKeep}>Go on editing</Button>
        </SpaceBetween>
      }
    >
      What you have entered here would be lost.
    </Alert>
  </FocusedSection>
);
