import { expect, test } from "vitest";
import { barOf, byStrength } from "./bars";

test("the strongest reason comes first, whichever way it speaks", () => {
  const reasons = [1, -3, 0.5].map((weight) => ({ feature: `${weight}`, value: "", weight }));
  expect(byStrength(reasons).map((reason) => reason.weight)).toEqual([-3, 1, 0.5]);
});

test("bars grow from the middle: to the right for, to the left against", () => {
  expect(barOf(3, 3)).toEqual({ x: 50, width: 50 });
  expect(barOf(-1.5, 3)).toEqual({ x: 25, width: 25 });
});
