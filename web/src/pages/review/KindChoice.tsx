/** Narrow the questions to one kind. */

import type { ProposalKind } from "../../graphql/types";
import { KINDS } from "./sentence";

const ORDER: ProposalKind[] = ["link-type", "same-entity", "claim", "same-field"];

export function KindChoice({
  chosen,
  choose,
}: {
  chosen: ProposalKind | null;
  choose: (kind: ProposalKind | null) => void;
}) {
  return (
    <div className="choices" role="group" aria-label="Kind of question">
      <button type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>
        All questions
      </button>
      {ORDER.map((kind) => (
        <button key={kind} type="button" aria-pressed={chosen === kind} onClick={() => choose(kind)}>
          {KINDS[kind].many}
        </button>
      ))}
    </div>
  );
}
