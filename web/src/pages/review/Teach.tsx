/** Teach a type of link: a name and a few pairs; the rules that may be meant become questions in front. */

import { type FormEvent, useRef, useState } from "react";
import { ask } from "../../graphql/client";
import { TEACH } from "../../graphql/operations";
import type { Proposal } from "../../graphql/types";
import { Failure } from "../../parts/Notice";
import { counted } from "../../text/numbers";
import { pairsOf } from "./pairs";

export function Teach({ asked }: { asked: (questions: readonly Proposal[]) => void }) {
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [found, setFound] = useState<number>();

  const teach = async (name: string, pairs: string[][]) => {
    setBusy(true);
    setFailure(undefined);
    setFound(undefined);
    try {
      const { teach: rules } = await ask(TEACH, { name, pairs });
      setFound(rules.length);
      asked(rules);
    } catch (error) {
      setFailure((error as Error).message);
    } finally {
      setBusy(false);
    }
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = new FormData(form.current ?? undefined);
    const { pairs, wrong } = pairsOf(String(given.get("pairs") ?? ""));
    if (wrong !== undefined) setFailure(`Line ${wrong} is no pair: write two things with an arrow (->) between them.`);
    else void teach(String(given.get("name") ?? ""), pairs);
  };

  return (
    <details className="teach">
      <summary>Teach a missing link type by examples</summary>
      <form ref={form} onSubmit={submit} aria-label="Teach">
        <label>
          Name
          <input name="name" maxLength={100} required autoComplete="off" spellCheck={false} />
        </label>
        <label>
          Pairs that it joins, one a line
          <textarea name="pairs" rows={4} required spellCheck={false} placeholder="source/table/key -> source/table/key" />
        </label>
        <button type="submit" className="button button-primary" disabled={busy}>
          {busy ? "Looking for the rule" : "Find the rule"}
        </button>
        {failure && <Failure sentence={failure} />}
        <p role="status" className="quiet">
          {found !== undefined && `${counted(found, "rule")} found: the likeliest is in front.`}
        </p>
      </form>
    </details>
  );
}
