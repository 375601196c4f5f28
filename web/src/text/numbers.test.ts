import { expect, test } from "vitest";
import { counted, duration, percent, weight } from "./numbers";

const narrow = (text: string) => text.replaceAll(" ", "\u202f");

test("a count agrees with its noun", () => {
  expect([0, 1, 2, 1234].map((value) => counted(value, "link"))).toEqual([
    "no links",
    "1 link",
    "2 links",
    "1,234 links",
  ]);
});

test("only certainty reads as 100 % or 0 %", () => {
  expect([1, 0.999, 0.5, 0.001, 0].map(percent)).toEqual(["100 %", "> 99 %", "50 %", "< 1 %", "0 %"].map(narrow));
});

test("a weight shows its direction", () => {
  expect([2.54, -1.5, 0].map(weight)).toEqual(["+2.5", "\u22121.5", "0"]);
});

test("a duration is given in a unit that reads well", () => {
  expect([640, 42_000, 600_000].map(duration)).toEqual(["0.6 s", "42 s", "10 min"].map(narrow));
});
