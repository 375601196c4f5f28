/** Review: questions the graph cannot settle alone, the most useful first, and the link types in force. */

import "./review.css";
import { useState } from "react";
import { LINK_TYPES } from "../../graphql/operations";
import type { ProposalKind } from "../../graphql/types";
import { useAnswer } from "../../graphql/useAnswer";
import { Empty, Failure, Waiting } from "../../parts/Notice";
import { Apply } from "./Apply";
import { Decisions } from "./Decisions";
import { KindChoice } from "./KindChoice";
import { LinkTypes } from "./LinkTypes";
import { Progress } from "./Progress";
import { Question } from "./Question";
import { front, latest } from "./queue";
import { type Keys, useKeys } from "./keys";
import { SAID } from "./sentence";
import { Teach } from "./Teach";
import { Upcoming } from "./Upcoming";
import { type Review, useReview } from "./useReview";

export function ReviewPage() {
  const [kind, setKind] = useState<ProposalKind | null>(null);
  const review = useReview(kind);
  const linkTypes = useAnswer(LINK_TYPES, {});
  const applied = () => {
    review.applied();
    linkTypes.askAgain();
  };
  return (
    <div className="review">
      <title>Review · Bifrost</title>
      <div className="review-head">
        <h1>Review</h1>
        <Progress review={review} />
      </div>
      <KindChoice chosen={kind} choose={setKind} />
      <div className="review-columns">
        <Desk review={review} />
        <aside className="review-aside" aria-label="Queue">
          <Apply waiting={review.queue.unapplied} applied={applied} />
          <Upcoming queue={review.queue} show={review.show} />
        </aside>
      </div>
      <Teach asked={review.ask} />
      <LinkTypes answered={linkTypes} noted={review.noted} />
      <Decisions entries={review.entries} />
    </div>
  );
}

function Desk({ review }: { review: Review }) {
  const question = front(review.queue);
  const [renaming, setRenaming] = useState<string>();
  const busy = review.sending;
  const open = question !== undefined && renaming === question.id;
  useKeys(open ? { Escape: () => setRenaming(undefined) } : keysOf(review, () => setRenaming(question?.id)));
  return (
    <section className="desk" aria-label="Question" aria-busy={busy || review.reading}>
      {review.failure && <Failure sentence={review.failure} again={review.askAgain} />}
      {question && (
        <Question
          key={question.id}
          question={question}
          busy={busy}
          renaming={open}
          rename={(wanted) => setRenaming(wanted ? question.id : undefined)}
          answer={review.answer}
          correct={review.correct}
        />
      )}
      {!question && review.reading && <Waiting what="Reading questions" />}
      {!question && !review.reading && !review.failure && <NothingOpen />}
      <LatestAnswer review={review} />
    </section>
  );
}

function keysOf(review: Review, rename: () => void): Keys {
  const [forward, back] = [() => review.move(1), () => review.move(-1)];
  return {
    a: () => review.answer("accept"),
    n: rename,
    r: () => review.answer("reject"),
    s: () => review.answer("skip"),
    v: () => review.correct({ reverse: true }),
    u: review.undo,
    ArrowRight: forward,
    ArrowDown: forward,
    ArrowLeft: back,
    ArrowUp: back,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function NothingOpen() {
  return (
    <Empty title="No open questions of this kind.">
      <p>
        Everything that the graph was unsure about is answered. New questions appear when sources change or answers are
        applied.
      </p>
    </Empty>
  );
}

function LatestAnswer({ review }: { review: Review }) {
  const given = latest(review.queue);
  return (
    <div className="latest" aria-live="polite">
      {given && (
        <>
          <span>
            {capital(SAID[given.verdict])}: {given.name || given.proposal.name}
          </span>
          <button type="button" className="button button-quiet" disabled={review.sending} onClick={review.undo}>
            Undo <kbd>u</kbd>
          </button>
        </>
      )}
    </div>
  );
}
