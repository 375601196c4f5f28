/** Which parts of a text a search found. */

export interface Piece {
  text: string;
  found: boolean;
}

/** Cut a text into pieces at the words of a query; joined, the pieces are the text again. */
export function pieces(text: string, query: string): Piece[] {
  const words = query.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (words.length === 0) return [{ text, found: false }];
  // Words hold letters and digits only, so that none means anything to the pattern.
  const longestFirst = words.sort((one, other) => other.length - one.length);
  return text
    .split(new RegExp(`((?<![\\p{L}\\p{N}])(?:${longestFirst.join("|")}))`, "giu"))
    .map((part, position) => ({ text: part, found: position % 2 === 1 }))
    .filter((piece) => piece.text !== "");
}
