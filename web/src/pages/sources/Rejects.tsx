/** What could not be read of a source, and why. */

import { REJECTS } from "../../graphql/operations";
import { useAnswer } from "../../graphql/useAnswer";
import { Failure, Waiting } from "../../parts/Notice";
import { count } from "../../text/numbers";

export function Rejects({ source, all }: { source: string; all: number }) {
  const { answer, failure, askAgain } = useAnswer(REJECTS, { source });
  if (failure) return <Failure sentence={failure} again={askAgain} />;
  if (!answer) return <Waiting what="Reading rejects" />;
  const shown = answer.rejects.length;
  return (
    <>
      <ul className="rejects">
        {answer.rejects.map((reject, position) => (
          <li key={position}>
            <p className="reject-place">
              <span>{reject.item || source}</span>
              {reject.place && <span className="place-step">{reject.place}</span>}
              <span className="quiet">{reject.stage}</span>
            </p>
            <p>{reject.reason}</p>
          </li>
        ))}
      </ul>
      {shown < all && (
        <p className="quiet">
          The first {count(shown)} of {count(all)}.
        </p>
      )}
    </>
  );
}
