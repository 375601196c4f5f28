/** Example pairs as people type them: one a line, the two things apart by an arrow, a tab or a bar. */

const APART = /\s*(?:->|\u2192|\t|\|(?=\s))\s*/;

/** Give the pairs of a text, and the number of the first line that is none. */
export function pairsOf(text: string): { pairs: string[][]; wrong: number | undefined } {
  const lines = text.split("\n").map((line) => line.trim());
  const pairs = lines.filter(Boolean).map((line) => line.split(APART).filter(Boolean));
  const wrong = lines.findIndex((line) => line && line.split(APART).filter(Boolean).length !== 2);
  return { pairs, wrong: wrong < 0 ? undefined : wrong + 1 };
}
