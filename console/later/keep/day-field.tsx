/**
 * A day, written or picked. Cloudscape's own date picker corrects what is written, 31 February to the 28th, without a
 * word; here what is written stays, and the sentence below says what is wrong with it.
 */
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import Calendar from "@cloudscape-design/components/calendar";
import FormField from "@cloudscape-design/components/form-field";
import Input, { type InputProps } from "@cloudscape-design/components/input";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { dayShown } from "./keep-day";

interface DayFieldProps {
  readonly label: string;
  readonly constraint: string;
  readonly value: string;
  readonly problem: string | undefined;
  /** Of a day as `YYYY-MM-DD`: why it can't be chosen. */
  readonly objectionTo: (day: string) => string | undefined;
  /** The first day that can be chosen, `YYYY-MM-DD`: where the calendar opens, unless another day stands there. */
  readonly first: string;
  readonly onChange: (value: string) => void;
}
export const DayField = ({ label, constraint, value, problem, objectionTo, first, onChange }: DayFieldProps) => {
  const [open, setOpen] = useState(false);
  const [touched, setTouched] = useState(false);
  const button = useRef<ButtonProps.Ref>(null);
  const field = useRef<InputProps.Ref>(null);
  const calendar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // A frame later than the dialogue, which gives the keyboard to its closing button.
    const frame = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  useEffect(() => {
    if (open) calendar.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }, [open]);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    // The calendar's alone: the dialogue stays.
    event.stopPropagation();
    close();
  };
  return (
    <>
      <FormField
        label={label}
        constraintText={constraint}
        secondaryControl={
          <Button
            ref={button}
            iconName="calendar"
            ariaLabel="Choose the day in a calendar"
            ariaExpanded={open}
            onClick={() => {
              if (!open && problem !== undefined) onChange(first);
              setOpen(!open);
            }}
          />
        }
        {...(problem === undefined || !touched ? {} : { errorText: problem })}
      >
        <Input
          ref={field}
          value={value}
          placeholder="YYYY-MM-DD"
          inputMode="numeric"
          autoComplete={false}
          onChange={({ detail }) => {
            onChange(detail.value);
            // Not while the first digits are being written.
            setTouched((now) => now || detail.value.length >= "2027-03-31".length);
          }}
          onBlur={() => setTouched((now) => now || value !== "")}
        />
      </FormField>
      {open ? (
        <div ref={calendar} onKeyDown={onKeyDown}>
          <Calendar
            value={/^\d{4}-\d{2}-\d{2}$/.test(value) ? value : ""}
            ariaLabel={label}
            isDateEnabled={(date) => objectionTo(dayShown(date)) === undefined}
            onChange={({ detail }) => {
              onChange(detail.value);
              setTouched(true);
              close();
            }}
          />
        </div>
      ) : null}
    </>
  );
};
