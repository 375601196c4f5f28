/** What people do to a settled link type: rename it, delete it with its links, and take the deletion back. */

import { type FormEvent, useRef, useState } from "react";
import { ask } from "../../graphql/client";
import { DELETE_LINK_TYPE, RENAME_LINK_TYPE, RESTORE_LINK_TYPE } from "../../graphql/operations";
import { Failure } from "../../parts/Notice";

export function TypeChanges({ name, changed }: { name: string; changed: () => void }) {
  const [state, setState] = useState<"settled" | "renaming" | "deleted">("settled");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  const send = async (change: () => Promise<unknown>, next: "settled" | "deleted") => {
    setBusy(true);
    setFailure(undefined);
    try {
      await change();
      setState(next);
      changed();
    } catch (error) {
      setFailure((error as Error).message);
    } finally {
      setBusy(false);
    }
  };

  if (failure) return <Failure sentence={failure} again={() => setFailure(undefined)} />;
  if (state === "renaming") {
    return (
      <Renaming
        name={name}
        busy={busy}
        cancel={() => setState("settled")}
        rename={(to) => void send(() => ask(RENAME_LINK_TYPE, { name, to }), "settled")}
      />
    );
  }
  if (state === "deleted") {
    return (
      <>
        <span className="quiet">goes when answers are applied</span>{" "}
        <button
          type="button"
          className="button button-quiet"
          disabled={busy}
          onClick={() => void send(() => ask(RESTORE_LINK_TYPE, { name }), "settled")}
        >
          Restore
        </button>
      </>
    );
  }
  return (
    <>
      <button type="button" className="button button-quiet" disabled={busy} onClick={() => setState("renaming")}>
        Change name
      </button>
      <button
        type="button"
        className="button button-quiet"
        disabled={busy}
        onClick={() => void send(() => ask(DELETE_LINK_TYPE, { name }), "deleted")}
      >
        Delete
      </button>
    </>
  );
}

interface Named {
  name: string;
  busy: boolean;
  cancel: () => void;
  rename: (to: string) => void;
}

function Renaming({ name, busy, cancel, rename }: Named) {
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const to = input.current?.value.trim();
    if (to && to !== name) rename(to);
    else cancel();
  };
  return (
    <form className="type-name" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && cancel()}>
      <input ref={input} aria-label={`Name in place of ${name}`} defaultValue={name} maxLength={100} required />
      <button type="submit" className="button" disabled={busy}>
        Rename
      </button>
    </form>
  );
}
