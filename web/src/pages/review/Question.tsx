/** One question: what is proposed, how likely it is, examples, reasons, and the possible answers. */

import { type FormEvent, useLayoutEffect, useRef, useState } from "react";
import type { Correction, Proposal, Verdict } from "../../graphql/types";
import { EndName } from "../../parts/EndName";
import { percent } from "../../text/numbers";
import { CorrectionForm } from "./CorrectionForm";
import { Reasons } from "./Reasons";
import { KINDS, sentence } from "./sentence";
import { Phrases } from "./Phrases";

interface Asked {
  question: Proposal;
  busy: boolean;
  renaming: boolean;
  rename: (open: boolean) => void;
  answer: (verdict: Verdict, name?: string) => void;
  correct: (correction: Correction) => void;
}

export function Question({ question, busy, renaming, rename, answer, correct }: Asked) {
  const [correcting, setCorrecting] = useState(false);
  const nameable = question.kind === "link-type" || question.kind === "claim";
  return (
    <article className="question" data-question={question.id}>
      <header className="question-head">
        <div>
          <p className="question-kind">{KINDS[question.kind].one}</p>
          {nameable && <p className="question-name">{question.name}</p>}
        </div>
        <p className="probability">
          <span className="probability-figure">{percent(question.probability)}</span>
          <span className="quiet">likely right</span>
        </p>
      </header>
      <h2 className="question-sentence">
        <Phrases phrases={sentence(question)} />
      </h2>
      {question.transform !== "exact" && question.rule === "reference" && (
        <p className="quiet">
          Compared as <code>{question.transform}</code>, since both sides write it differently.
        </p>
      )}
      <Examples question={question} />
      <Reasons reasons={question.because} />
      {correcting ? (
        <CorrectionForm question={question} busy={busy} cancel={() => setCorrecting(false)} correct={correct} />
      ) : renaming && nameable ? (
        <NameForm
          name={question.name}
          busy={busy}
          cancel={() => rename(false)}
          accept={(name) => answer("accept", name)}
        />
      ) : (
        <div className="answers" role="group" aria-label="Answer">
          <button type="button" className="button button-accept" disabled={busy} onClick={() => answer("accept")}>
            Accept <kbd>a</kbd>
          </button>
          {nameable && (
            <button type="button" className="button" disabled={busy} onClick={() => rename(true)}>
              Rename <kbd>n</kbd>
            </button>
          )}
          {nameable && (
            <button type="button" className="button" disabled={busy} onClick={() => correct({ reverse: true })}>
              Reverse <kbd>v</kbd>
            </button>
          )}
          {question.kind === "link-type" && question.rule === "reference" && (
            <button type="button" className="button" disabled={busy} onClick={() => setCorrecting(true)}>
              Correct
            </button>
          )}
          <button type="button" className="button button-reject" disabled={busy} onClick={() => answer("reject")}>
            Reject <kbd>r</kbd>
          </button>
          <button type="button" className="button button-quiet" disabled={busy} onClick={() => answer("skip")}>
            Skip <kbd>s</kbd>
          </button>
        </div>
      )}
    </article>
  );
}

function Examples({ question }: { question: Proposal }) {
  if (question.examples.length === 0) return null;
  return (
    <table className="examples">
      <caption className="unseen">Examples of pairs</caption>
      <thead>
        <tr>
          <th scope="col">
            <EndName end={question.start} label={question.examples[0]?.[0]} />
          </th>
          <th scope="col">
            <EndName end={question.end} label={question.examples[0]?.[1]} />
          </th>
        </tr>
      </thead>
      {!question.start.iri && (
        <tbody>
          {question.examples.map(([left, right]) => (
            <tr key={`${left} ${right}`}>
              <td>{left}</td>
              <td>{right}</td>
            </tr>
          ))}
        </tbody>
      )}
    </table>
  );
}

interface Naming {
  name: string;
  busy: boolean;
  cancel: () => void;
  accept: (name: string) => void;
}

function NameForm({ name, busy, cancel, accept }: Naming) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = input.current?.value.trim();
    if (given) accept(given);
  };
  return (
    <form className="naming" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && cancel()}>
      <label htmlFor="name">Accept under the name</label>
      <input id="name" ref={input} defaultValue={name} maxLength={200} required autoComplete="off" spellCheck={false} />
      <button type="submit" className="button button-accept" disabled={busy}>
        Accept
      </button>
      <button type="button" className="button button-quiet" onClick={cancel}>
        Cancel
      </button>
    </form>
  );
}
