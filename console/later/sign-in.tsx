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
import type { Session } from "../api/session";
import { sessionState, signIn } from "../app/session-state";
import { useStore } from "../app/store";

export const SignIn = () => {
  const { message } = useStore(sessionState);
  const [kind, setKind] = useState<Session["kind"]>("key");
  const [userName, setUserName] = useState("");
  const [secret, setSecret] = useState("");
  const [asked, setAsked] = useState(false);
  const missing = (text: string, sentence: string) => {
    if (!asked || isSendable(text)) return {};
    return { errorText: text.trim() === "" ? sentence : "It has characters that can't be sent: check it." };
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setAsked(true);
    if (!isSendable(secret) || (kind === "key" && !isSendable(userName))) return;
    signIn(
      kind === "key"
        ? { kind, userName: userName.trim(), apiKey: secret.trim() }
        : { kind, token: secret.trim().replace(/^Bearer\s+/i, "") },
    );
  };
  return (
    <form className="sign-in" onSubmit={submit} noValidate>
      <Form actions={<Button variant="primary">Sign in</Button>}>
        <Container header={<Header variant="h1">Sign in to the backups</Header>}>
          <SpaceBetween size="l">
            {message === undefined ? null : <Alert type="error">{message}</Alert>}
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
                  autoFocus
                />
              </FormField>
            ) : null}
            <FormField
              label={kind === "key" ? "API key" : "Token"}
              description="Kept in this tab only, until it is closed."
              {...missing(secret, kind === "key" ? "Enter your API key." : "Enter the token.")}
            >
              <Input
                value={secret}
                type="password"
                autoComplete="current-password"
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
