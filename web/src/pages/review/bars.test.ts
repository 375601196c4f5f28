import { expect, test } from "vitest";
import { barOf, byStrength, speaksAgainst } from "./bars";

test("the strongest reason comes first, whichever way it speaks", () => {
  const reasons = [1, -3, 0.5].map((weight) => ({ feature: `${weight}`, value: "", weight }));
  expect(byStrength(reasons).map((reason) => reason.weight)).toEqual([-3, 1, 0.5]);
});

test("bars grow from the middle: to the right for, to the left against", () => {
  expect(barOf(3, 3)).toEqual({ x: 50, width: 50 });
  expect(barOf(-1.5, 3)).toEqual({ x: 25, width: 25 });
});

test("a weight that reads as nothing speaks for neither side", () => {
  expect([-0.04, -0.05, 0, 2].map((weight) => speaksAgainst({ feature: "", value: "", weight }))).toEqual([
    false,
    true,
    false,
    false,
  ]);
});
