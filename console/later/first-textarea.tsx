/** The field of a dialogue that has the keyboard from the start; a dialogue itself gives it to its closing button. */
import Textarea, { type TextareaProps } from "@cloudscape-design/components/textarea";
import { useEffect, useRef } from "react";

export const FirstTextarea = (props: TextareaProps) => {
  const field = useRef<TextareaProps.Ref>(null);
  useEffect(() => {
    // A frame later than the dialogue, which takes it once all of its contents are there.
    const frame = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return <Textarea {...props} ref={field} />;
};
