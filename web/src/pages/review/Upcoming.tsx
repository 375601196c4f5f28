/** The questions that wait, in their order. */

import { percent } from "../../text/numbers";
import { front, type Queue } from "./queue";
import { sentence, spoken } from "./sentence";

export function Upcoming({ queue, show }: { queue: Queue; show: (id: string) => void }) {
  const here = front(queue)?.id;
  if (queue.questions.length < 2) return null;
  return (
    <nav aria-label="Questions">
      <p className="quiet upcoming-hint">
        <kbd>{"\u2190"}</kbd> <kbd>{"\u2192"}</kbd> move through the questions
      </p>
      <ol className="upcoming">
        {queue.questions.map((question) => (
          <li key={question.id}>
            <button
              type="button"
              aria-current={question.id === here ? "true" : undefined}
              onClick={() => show(question.id)}
            >
              <span>{spoken(sentence(question))}</span>
              <span className="quiet">{percent(question.probability)}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
