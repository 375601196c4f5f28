/** Keys that answer without the mouse. */

import { useEffect, useLayoutEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

/** Call what a key stands for, unless the person is typing or holds a modifier. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  // Before the next key can arrive: a fast writer must not answer while the name field opens.
  useLayoutEffect(() => {
    current.current = keys;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const act = current.current[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}
