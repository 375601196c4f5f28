/** Let answers take effect: link again, publish, and show what changed. */

import { useState } from "react";
import { ask } from "../../graphql/client";
import { APPLY, SUMMARY } from "../../graphql/operations";
import type { Summary } from "../../graphql/types";
import { Failure } from "../../parts/Notice";
import { count, counted } from "../../text/numbers";
import { changes } from "./changes";

interface Applying {
  waiting: number;
  applied: () => void;
}

export function Apply({ waiting, applied }: Applying) {
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<string[]>([]);
  const [outcome, setOutcome] = useState<{ before: Summary; now: Summary }>();

  const apply = async () => {
    setBusy(true);
    setFailures([]);
    try {
      const before = (await ask(SUMMARY, {})).summary;
      const reports = (await ask(APPLY, {})).apply;
      const now = (await ask(SUMMARY, {})).summary;
      setFailures(reports.flatMap((report) => report.failures));
      setOutcome({ before, now });
      applied();
    } catch (error) {
      setFailures([(error as Error).message]);
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="apply" aria-label="Apply">
      <p>
        {waiting ? `${counted(waiting, "answer")} not applied yet` : "Answers change the graph when they are applied."}
      </p>
      <button
        type="button"
        className={waiting ? "button button-primary" : "button"}
        disabled={busy}
        onClick={() => void apply()}
      >
        {busy ? "Applying" : "Apply answers"}
      </button>
      {busy && <p className="quiet">Linking again and publishing; you can go on answering.</p>}
      {failures.map((failure) => (
        <Failure key={failure} sentence={failure} />
      ))}
      <div role="status">{outcome && !busy && <Outcome {...outcome} />}</div>
    </section>
  );
}

function Outcome({ before, now }: { before: Summary; now: Summary }) {
  return (
    <dl className="outcome">
      {changes(before, now).map(({ name, value, difference }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {count(value)} <span className={difference ? "changed" : "quiet"}>{difference || "as before"}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
