/** The search box: the address follows what is typed, so that a search can be shared. */

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { searchAddress } from "../../routing/addresses";
import { navigate } from "../../routing/router";
import { focusResult } from "./focus";

const PAUSE_MILLISECONDS = 140;

export function SearchBox({ query }: { query: string }) {
  const [text, setText] = useState(query);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(query);

  useEffect(() => {
    // The address changed from outside: the back button, a link.
    if (query !== asked.current) {
      asked.current = query;
      setText(query);
    }
  }, [query]);

  useEffect(() => {
    const wanted = text.trim();
    if (wanted === asked.current) return;
    const later = setTimeout(() => search(asked, wanted), PAUSE_MILLISECONDS);
    return () => clearTimeout(later);
  }, [text]);

  useEffect(() => {
    input.current?.focus({ preventScroll: true });
  }, []);

  const keys = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" && focusResult(0)) event.preventDefault();
    if (event.key === "Escape") setText("");
  };

  return (
    <form
      className="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        search(asked, text.trim());
      }}
    >
      <label htmlFor="search" className="unseen">
        Search by name, number or words
      </label>
      <Glass />
      <input
        id="search"
        ref={input}
        type="search"
        value={text}
        placeholder="A name, a number, some words"
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={keys}
      />
    </form>
  );
}

/** Ask once; the first search of a sitting gets its own entry in the history, changes to it do not. */
function search(asked: { current: string }, wanted: string): void {
  if (wanted === asked.current) return;
  const replace = asked.current !== "" && wanted !== "";
  asked.current = wanted;
  navigate(searchAddress(wanted), { replace });
}

function Glass() {
  return (
    <svg className="search-glass" viewBox="0 0 20 20" fill="none" aria-hidden="true">
      <circle cx="8.5" cy="8.5" r="5.5" />
      <path d="m13 13 4.5 4.5" />
    </svg>
  );
}
