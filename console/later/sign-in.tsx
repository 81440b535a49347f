/** Signing in with a user name and an API key, or with a token of the organisation's own sign-in. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type FormEvent } from "react";
import { sentenceOf } from "../api/client";
import type { Session } from "../api/session";
import { sessionState, signIn } from "../app/session-state";
import { useStore } from "../app/store";

export const SignIn = () => {
  const { message, before } = useStore(sessionState);
  const [kind, setKind] = useState(before.kind);
  const [userName, setUserName] = useState(before.userName ?? "");
  const [secret, setSecret] = useState("");
  const [asked, setAsked] = useState(false);
  const [trying, setTrying] = useState(false);
  const [failure, setFailure] = useState<string>();
  const missing = (text: string, sentence: string) => {
    if (!asked || isSendable(text)) return {};
    return { errorText: text.trim() === "" ? sentence : "It has characters that can't be sent: check it." };
  };
  const tryIt = async (): Promise<void> => {
    setTrying(true);
    setFailure(undefined);
    try {
      await signIn(
        kind === "key"
          ? { kind, userName: userName.trim(), apiKey: secret.trim() }
          : { kind, token: secret.trim().replace(/^Bearer\s+/i, "") },
      );
    } catch (error) {
      setFailure(sentenceOf(error));
      setTrying(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setAsked(true);
    if (trying || !isSendable(secret) || (kind === "key" && !isSendable(userName))) return;
    void tryIt();
  };
  const problem = failure ?? message;
  return (
    <form className="sign-in" onSubmit={submit} noValidate>
      <Form
        actions={
          <Button variant="primary" loading={trying} loadingText="Signing in">
            Sign in
          </Button>
        }
      >
        <Container header={<Header variant="h1">Sign in to the backups</Header>}>
          <SpaceBetween size="l">
            {problem === undefined ? null : (
              <div role="alert">
                <Alert type="error">{problem}</Alert>
              </div>
            )}
            <RadioGroup
              ariaLabel="How to sign in"
              value={kind}
              onChange={({ detail }) => setKind(detail.value as Session["kind"])}
              items={[
                { value: "key", label: "User name and API key" },
                { value: "token", label: "Token of your organisation's sign-in" },
              ]}
            />
            {kind === "key" ? (
              <FormField label="User name" {...missing(userName, "Enter your user name.")}>
                <Input
                  value={userName}
                  autoComplete="username"
                  onChange={({ detail }) => setUserName(detail.value)}
                  autoFocus={before.userName === undefined}
                />
              </FormField>
            ) : null}
            <FormField
              label={kind === "key" ? "API key" : "Token"}
              description="Kept in this browser's tabs only, until the last of them is closed or you sign out."
              {...missing(secret, kind === "key" ? "Enter your API key." : "Enter the token.")}
            >
              <Input
                value={secret}
                type="password"
                autoComplete="current-password"
                autoFocus={before.userName !== undefined}
                onChange={({ detail }) => setSecret(detail.value)}
              />
            </FormField>
          </SpaceBetween>
        </Container>
      </Form>
    </form>
  );
};

/** Headers hold printable ASCII only. */
const isSendable = (text: string): boolean => /^[\x20-\x7e]+$/.test(text.trim());
