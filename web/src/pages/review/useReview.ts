/** A sitting of review: questions from the server, answers to it, and undoing them. */

import { useEffect, useReducer, useState } from "react";
import { ask } from "../../graphql/client";
import { CORRECT, DECIDE, QUESTIONS, SUMMARY, UNDO } from "../../graphql/operations";
import type { Correction, Proposal, ProposalKind, Summary, Verdict } from "../../graphql/types";
import { useAnswer } from "../../graphql/useAnswer";
import { after, front, latest, NO_QUEUE, type Queue } from "./queue";

export interface Review {
  queue: Queue;
  summary: Summary | undefined;
  failure: string | undefined;
  /** True while the first questions are on their way. */
  reading: boolean;
  /** How often this sitting changed the log. */
  entries: number;
  /** True while an answer is on its way to the log. */
  sending: boolean;
  answer: (verdict: Verdict, name?: string) => void;
  /** Put the person's own proposal in the place of the one in front. */
  correct: (correction: Correction) => void;
  /** Put rules that the person asked for in front. */
  ask: (questions: readonly Proposal[]) => void;
  /** Count a change that was sent elsewhere on the page. */
  noted: () => void;
  undo: () => void;
  move: (by: number) => void;
  show: (id: string) => void;
  applied: () => void;
  askAgain: () => void;
}

export function useReview(kind: ProposalKind | null): Review {
  const [queue, dispatch] = useReducer(after, NO_QUEUE);
  const questions = useAnswer(QUESTIONS, { kind });
  const totals = useAnswer(SUMMARY, {});
  const [sending, setSending] = useState(false);
  const [entries, setEntries] = useState(0);
  const [failure, setFailure] = useState<string>();

  useEffect(() => {
    if (questions.answer) dispatch({ step: "read", questions: questions.answer.proposals });
  }, [questions.answer]);

  const send = async (change: () => Promise<void>) => {
    if (sending) return;
    setSending(true);
    setFailure(undefined);
    try {
      await change();
      setEntries((before) => before + 1);
      totals.askAgain();
    } catch (error) {
      setFailure((error as Error).message);
    } finally {
      setSending(false);
    }
  };

  const answer = (verdict: Verdict, name = "") => {
    const proposal = front(queue);
    if (!proposal) return;
    void send(async () => {
      await ask(DECIDE, { id: proposal.id, verdict, name: name || null });
      dispatch({ step: "answered", answer: { proposal, verdict, name } });
      if (queue.questions.length === 1) questions.askAgain();
    });
  };

  const correct = (correction: Correction) => {
    const proposal = front(queue);
    if (!proposal || (proposal.kind !== "link-type" && proposal.kind !== "claim")) return;
    void send(async () => {
      await ask(CORRECT, { id: proposal.id, correction });
      dispatch({ step: "answered", answer: { proposal, verdict: "correct", name: "" } });
      if (queue.questions.length === 1) questions.askAgain();
    });
  };

  const undo = () => {
    const given = latest(queue);
    if (!given) return;
    void send(async () => {
      await ask(UNDO, { id: given.proposal.id });
      dispatch({ step: "undone", answer: given });
    });
  };

  return {
    queue,
    summary: totals.answer?.summary,
    failure: failure ?? questions.failure ?? totals.failure,
    reading: questions.waiting,
    entries,
    sending,
    answer,
    correct,
    ask: (asked) => dispatch({ step: "asked", questions: asked }),
    noted: () => {
      dispatch({ step: "noted" });
      setEntries((before) => before + 1);
    },
    undo,
    move: (by) => dispatch({ step: "move", by }),
    show: (id) => dispatch({ step: "show", id }),
    applied: () => {
      dispatch({ step: "applied" });
      questions.askAgain();
      totals.askAgain();
    },
    askAgain: questions.askAgain,
  };
}
