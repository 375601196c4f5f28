import { expect, test } from "vitest";
import { shortened } from "./shortened";

test("a label that fits stays as it is", () => {
  expect(shortened("Supplier review 2025 Q1")).toBe("Supplier review 2025 Q1");
});

test("rows of one file can still be told apart", () => {
  const labels = [1, 2].map((row) => shortened(`reports/QR-0001.pdf|page 1, table 1, row ${row}`));
  expect(labels[0]).toBe("reports/QR-\u2026ble 1, row 1");
  expect(labels[0]).not.toBe(labels[1]);
});

test("a character outside the basic plane is never cut in two", () => {
  expect(shortened("\u{1f4c4}".repeat(40))).toMatch(/^\p{Extended_Pictographic}+\u2026\p{Extended_Pictographic}+$/u);
});
