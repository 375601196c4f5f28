/** A proposal's sentence with its names and fields set apart. */

import type { Phrase } from "./sentence";

export function Phrases({ phrases }: { phrases: Phrase[] }) {
  return phrases.map(({ text, as }, position) => {
    if (as === "name") return <strong key={position}>{text}</strong>;
    if (as === "field") return <code key={position}>{text}</code>;
    return <span key={position}>{text}</span>;
  });
}
