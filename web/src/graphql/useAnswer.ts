/** Ask a question for as long as a component shows its answer. */

import { useCallback, useEffect, useState } from "react";
import { ask } from "./client";
import type { Operation } from "./operations";

export interface Answered<Answer> {
  /** The latest answer; it stays while a newer one is on its way. */
  answer: Answer | undefined;
  /** The sentence to show when the latest question failed. */
  failure: string | undefined;
  waiting: boolean;
  askAgain: () => void;
}

interface State<Answer> {
  answer?: Answer | undefined;
  failure?: string | undefined;
  waiting: boolean;
}

/** Ask whenever operation or variables change; `null` variables ask nothing. A newer question cancels the older one. */
export function useAnswer<Answer, Variables>(
  operation: Operation<Answer, Variables>,
  variables: Variables | null,
): Answered<Answer> {
  const [state, setState] = useState<State<Answer>>({ waiting: variables !== null });
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(variables);

  useEffect(() => {
    const parsed = JSON.parse(key) as Variables | null;
    if (parsed === null) {
      setState({ waiting: false });
      return;
    }
    const stop = new AbortController();
    setState((before) => ({ answer: before.answer, waiting: true }));
    ask(operation, parsed, stop.signal).then(
      (answer) => !stop.signal.aborted && setState({ answer, waiting: false }),
      (error: Error) => !stop.signal.aborted && setState({ failure: error.message, waiting: false }),
    );
    return () => stop.abort();
  }, [operation, key, turn]);

  const askAgain = useCallback(() => setTurn((before) => before + 1), []);
  return { answer: state.answer, failure: state.failure, waiting: state.waiting, askAgain };
}
