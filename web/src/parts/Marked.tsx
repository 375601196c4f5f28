/** A text with the words of a query marked. */

import { pieces } from "../text/found";

export function Marked({ text, query }: { text: string; query: string }) {
  return pieces(text, query).map((piece, position) =>
    piece.found ? <mark key={position}>{piece.text}</mark> : piece.text,
  );
}
