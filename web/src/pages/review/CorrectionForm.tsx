/** A person's own ends and transformation in the place of the suggested ones. */

import { type FormEvent, useLayoutEffect, useRef } from "react";
import type { Correction, End, Proposal } from "../../graphql/types";

const TRANSFORMS = ["exact", "folded", "compact", "number", "last_number"];

interface Correcting {
  question: Proposal;
  busy: boolean;
  cancel: () => void;
  correct: (correction: Correction) => void;
}

export function CorrectionForm({ question, busy, cancel, correct }: Correcting) {
  const form = useRef<HTMLFormElement>(null);
  const first = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (form.current) correct(changed(question, new FormData(form.current)));
  };
  const transforms = TRANSFORMS.includes(question.transform) ? TRANSFORMS : [question.transform, ...TRANSFORMS];
  return (
    <form
      className="correction"
      ref={form}
      aria-label="Correction"
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && cancel()}
    >
      <label>
        From
        <input name="start" ref={first} defaultValue={written(question.start)} required spellCheck={false} />
      </label>
      <label>
        To
        <input name="end" defaultValue={written(question.end)} required spellCheck={false} />
      </label>
      <label>
        Compared as
        <select name="transform" defaultValue={question.transform}>
          {transforms.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <div className="answers">
        <button type="submit" className="button button-accept" disabled={busy}>
          Put in its place
        </button>
        <button type="button" className="button button-quiet" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** Write an end as `source/table.field`. */
function written(end: End): string {
  return `${end.source}/${end.table}.${end.fields.join("+")}`;
}

function changed(question: Proposal, given: FormData): Correction {
  const text = (name: string) => String(given.get(name) ?? "").trim();
  const start = text("start");
  const end = text("end");
  const transform = text("transform");
  return {
    ...(start !== written(question.start) && { start }),
    ...(end !== written(question.end) && { end }),
    ...(transform !== question.transform && { transform }),
  };
}
