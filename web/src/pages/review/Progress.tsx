/** How much of the work is done in this sitting. */

import { count } from "../../text/numbers";
import type { Review } from "./useReview";

export function Progress({ review }: { review: Review }) {
  const answered = review.queue.answers.length;
  const open = review.summary?.openProposals;
  if (open === undefined) return null;
  return (
    <div className="progress">
      <p role="status">
        <strong>{count(answered)}</strong> answered <span aria-hidden="true">·</span> <strong>{count(open)}</strong>{" "}
        open
      </p>
      <progress max={Math.max(answered + open, 1)} value={answered} aria-label="Answered in this sitting" />
    </div>
  );
}
