import { expect, test } from "vitest";
import * as operations from "./operations";

const named = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map((found) => found[1] ?? ""))].sort();

test.each(Object.entries(operations))("%s brings along just the fragments that it spreads", (_, operation) => {
  expect(named(operation.text, /^fragment (\w+) on/gm)).toEqual(named(operation.text, /\.\.\.(\w+)/g));
});
