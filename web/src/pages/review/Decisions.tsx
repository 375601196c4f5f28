/** The end of the decision log. */

import { useEffect } from "react";
import { DECISIONS } from "../../graphql/operations";
import { useAnswer } from "../../graphql/useAnswer";
import { Failure } from "../../parts/Notice";
import { moment } from "../../text/moments";
import { KINDS, SAID } from "./sentence";

/** Read the log again whenever this sitting adds to it. */
export function Decisions({ entries }: { entries: number }) {
  const { answer, failure, askAgain } = useAnswer(DECISIONS, {});
  useEffect(() => {
    if (entries > 0) askAgain();
  }, [entries, askAgain]);
  if (failure) return <Failure sentence={failure} again={askAgain} />;
  if (!answer || answer.decisions.length === 0) return null;
  return (
    <section aria-labelledby="decisions">
      <h2 id="decisions">Latest decisions</h2>
      <div className="table-frame">
        <table>
          <thead>
            <tr>
              <th scope="col">Proposal</th>
              <th scope="col">Kind</th>
              <th scope="col">Verdict</th>
              <th scope="col">By</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {answer.decisions.map((decision) => (
              <tr key={decision.seq}>
                <th scope="row">
                  {decision.name || decision.proposal.name}
                  {decision.name && decision.name !== decision.proposal.name && (
                    <span className="quiet"> was {decision.proposal.name}</span>
                  )}
                </th>
                <td>{KINDS[decision.proposal.kind].one}</td>
                <td>
                  <span className={`verdict verdict-${decision.verdict}`}>{SAID[decision.verdict]}</span>
                </td>
                <td>{decision.by}</td>
                <td>{decision.at && <time dateTime={decision.at}>{moment(decision.at)}</time>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
