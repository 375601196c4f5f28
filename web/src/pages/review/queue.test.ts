import { expect, test } from "vitest";
import type { Proposal, Verdict } from "../../graphql/types";
import { after, front, latest, NO_QUEUE, type Queue } from "./queue";

const question = (id: string) => ({ id }) as Proposal;
const read = (...ids: string[]): Queue => after(NO_QUEUE, { step: "read", questions: ids.map(question) });
const answer = (queue: Queue, verdict: Verdict = "accept"): Queue => {
  const proposal = front(queue);
  if (!proposal) throw new Error("nothing to answer");
  return after(queue, { step: "answered", answer: { proposal, verdict, name: "" } });
};
const undo = (queue: Queue): Queue => {
  const given = latest(queue);
  if (!given) throw new Error("nothing to undo");
  return after(queue, { step: "undone", answer: given });
};

test("an answer brings the next question forward", () => {
  expect(front(answer(read("a", "b", "c")))?.id).toBe("b");
});

test("after the last question of the list comes the one before it", () => {
  const moved = after(read("a", "b"), { step: "move", by: 1 });
  expect(front(answer(moved))?.id).toBe("a");
});

test("when all is answered nothing is in front", () => {
  expect(front(answer(read("a")))).toBeUndefined();
});

test("moving stops at both ends", () => {
  const queue = read("a", "b");
  expect(front(after(queue, { step: "move", by: -1 }))?.id).toBe("a");
  expect(front(after(queue, { step: "move", by: 9 }))?.id).toBe("b");
});

test("an undone answer puts its question back in front and counts no more", () => {
  const queue = undo(answer(answer(read("a", "b", "c"))));
  expect(front(queue)?.id).toBe("b");
  expect(queue.answers.map((each) => each.proposal.id)).toEqual(["a"]);
  expect(queue.unapplied).toBe(1);
});

test("what was answered does not come back with a late list", () => {
  const queue = after(answer(read("a", "b")), { step: "read", questions: ["a", "b"].map(question) });
  expect(queue.questions.map((each) => each.id)).toEqual(["b"]);
});

test("applied answers are kept for undo but wait no longer", () => {
  const queue = after(answer(read("a", "b")), { step: "applied" });
  expect([queue.unapplied, queue.answers.length]).toEqual([0, 1]);
});
