/** Labels that fit into a drawing. */

const LONGEST = 24;
const END = 12;

/** Leave out the middle of a long label: records of one file often differ only at the end. */
export function shortened(label: string): string {
  const characters = [...label];
  if (characters.length <= LONGEST) return label;
  const start = characters
    .slice(0, LONGEST - END - 1)
    .join("")
    .trimEnd();
  return `${start}\u2026${characters.slice(-END).join("").trimStart()}`;
}
