/** The questions that wait, the one in front of the person, and the answers of this sitting. */

import type { Proposal, Verdict } from "../../graphql/types";

export interface Answer {
  proposal: Proposal;
  verdict: Verdict;
  name: string;
}

export interface Queue {
  questions: readonly Proposal[];
  /** The position of the question in front. */
  at: number;
  /** The answers of this sitting, the latest last. */
  answers: readonly Answer[];
  /** Answers and undone answers that no run has applied yet. */
  unapplied: number;
}

export type Step =
  | { step: "read"; questions: readonly Proposal[] }
  | { step: "move"; by: number }
  | { step: "show"; id: string }
  | { step: "answered"; answer: Answer }
  | { step: "undone"; answer: Answer }
  | { step: "asked"; questions: readonly Proposal[] }
  | { step: "noted" }
  | { step: "applied" };

export const NO_QUEUE: Queue = { questions: [], at: 0, answers: [], unapplied: 0 };

/** Give the queue after a step. */
export function after(queue: Queue, step: Step): Queue {
  switch (step.step) {
    case "read":
      return at({ ...queue, questions: unanswered(step.questions, queue) }, 0);
    case "move":
      return at(queue, queue.at + step.by);
    case "show":
      return at(
        queue,
        queue.questions.findIndex((each) => each.id === step.id),
      );
    case "answered":
      return answered(queue, step.answer);
    case "undone":
      return undone(queue, step.answer);
    case "asked":
      return asked(queue, step.questions);
    case "noted":
      return { ...queue, unapplied: queue.unapplied + 1 };
    case "applied":
      return { ...queue, unapplied: 0 };
  }
}

export function front(queue: Queue): Proposal | undefined {
  return queue.questions[queue.at];
}

export function latest(queue: Queue): Answer | undefined {
  return queue.answers.at(-1);
}

function at(queue: Queue, position: number): Queue {
  return { ...queue, at: Math.max(0, Math.min(position, queue.questions.length - 1)) };
}

/** Leave out what was answered while the questions were on their way. */
function unanswered(questions: readonly Proposal[], queue: Queue): readonly Proposal[] {
  const done = new Set(queue.answers.map((answer) => answer.proposal.id));
  return questions.filter((question) => !done.has(question.id));
}

function answered(queue: Queue, answer: Answer): Queue {
  const questions = queue.questions.filter((each) => each.id !== answer.proposal.id);
  const answers = [...queue.answers, answer];
  return at({ ...queue, questions, answers, unapplied: queue.unapplied + 1 }, queue.at);
}

/** Put rules that the person asked for in front of the others. */
function asked(queue: Queue, questions: readonly Proposal[]): Queue {
  const ids = new Set(questions.map((each) => each.id));
  return at({ ...queue, questions: [...questions, ...queue.questions.filter((each) => !ids.has(each.id))] }, 0);
}

/** Put a question back in front of the person. */
function undone(queue: Queue, answer: Answer): Queue {
  const questions = queue.questions.toSpliced(queue.at, 0, answer.proposal);
  const answers = queue.answers.filter((each) => each !== answer);
  return { ...queue, questions, answers, unapplied: Math.max(0, queue.unapplied - 1) };
}
