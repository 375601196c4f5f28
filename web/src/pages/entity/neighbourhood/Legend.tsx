/** Which colour stands for which type. */

import { colours, type Picture } from "./picture";

export function Legend({ picture }: { picture: Picture }) {
  const kinds = [...colours(picture)];
  const shown = kinds.filter(([, colour]) => colour > 0);
  const others = kinds.length - shown.length;
  return (
    <ul className="legend" aria-label="Colours">
      {shown.map(([type, colour]) => (
        <li key={type}>
          <span className={`dot dot-${colour}`} aria-hidden="true" />
          {type}
        </li>
      ))}
      {others > 0 && (
        <li>
          <span className="dot dot-0" aria-hidden="true" />
          {others} other types
        </li>
      )}
    </ul>
  );
}
