import { expect, test } from "vitest";
import { pieces } from "./found";

const found = (text: string, query: string) =>
  pieces(text, query)
    .filter((piece) => piece.found)
    .map((piece) => piece.text);

test("words are found at their beginning, whatever their case", () => {
  expect(found("Hofmeister Pigmente AG", "hof pig")).toEqual(["Hof", "Pig"]);
});

test("letters inside a word are not marked", () => {
  expect(found("carbon black", "arb")).toEqual([]);
});

test("the pieces are the text again", () => {
  const text = "B-0012: <b>batch</b> (12)";
  expect(
    pieces(text, "batch (12) .*")
      .map((piece) => piece.text)
      .join(""),
  ).toBe(text);
});

test("a query without words finds nothing", () => {
  expect(pieces("text", " -. ")).toEqual([{ text: "text", found: false }]);
});
