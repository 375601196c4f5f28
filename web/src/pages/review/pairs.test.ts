import { expect, test } from "vitest";
import { pairsOf } from "./pairs";

test("each line is a pair, apart by an arrow, a tab or a bar", () => {
  expect(pairsOf("a/b/1 -> c/d/2\n\n a/b/x|y \t c/d/3 \nhttps://x/1 | https://x/2")).toEqual({
    pairs: [
      ["a/b/1", "c/d/2"],
      ["a/b/x|y", "c/d/3"],
      ["https://x/1", "https://x/2"],
    ],
    wrong: undefined,
  });
});

test("the first line that is no pair is named", () => {
  expect(pairsOf("a -> b\n\nc").wrong).toBe(3);
  expect(pairsOf("a -> b -> c").wrong).toBe(1);
});
