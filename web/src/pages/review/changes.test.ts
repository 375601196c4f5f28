import { expect, test } from "vitest";
import { changes } from "./changes";

const before = {
  entities: 5,
  links: 1200,
  facts: 9,
  linkTypes: 3,
  openProposals: 4,
  decisions: 1,
  sources: 2,
  rejects: 0,
};

test("what changed is shown with its sign, what did not stays silent", () => {
  const now = { ...before, links: 1644, openProposals: 2 };
  expect(changes(before, now).filter((change) => change.difference)).toEqual([
    { name: "links", value: 1644, difference: "+444" },
    { name: "open questions", value: 2, difference: "\u22122" },
  ]);
});
