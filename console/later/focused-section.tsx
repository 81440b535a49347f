/**
 * A part of a dialogue that comes while it is open, such as a plan or a result: the keyboard goes there, so that nobody
 * has to look for it, and Escape and Tab go on from there.
 */
import { useEffect, useRef, type ReactNode } from "react";

interface FocusedSectionProps {
  /** What it is, for screen readers. */
  readonly label: string;
  readonly children: ReactNode;
}
export const FocusedSection = ({ label, children }: FocusedSectionProps) => {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // A frame later, when the button that brought it has gone.
    const frame = requestAnimationFrame(() => section.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <section ref={section} tabIndex={-1} aria-label={label} className="focused-section">
      {children}
    </section>
  );
};
