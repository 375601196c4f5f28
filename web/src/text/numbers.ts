/** How numbers read. */

/** Keeps a number and its unit on one line. */
const NARROW = "\u202f";

const WHOLE = new Intl.NumberFormat("en");
const SIGNED = new Intl.NumberFormat("en", { signDisplay: "exceptZero", maximumFractionDigits: 1 });

/** Write 12345 as 12,345. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** Write a count with its noun: "1 link", "2 links", "no links". */
export function counted(value: number, one: string, many = `${one}s`): string {
  if (value === 0) return `no ${many}`;
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Write a share of one; what is not certain never reads as 0 % or 100 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) return `>${NARROW}99${NARROW}%`;
  if (rounded === 0 && share > 0) return `<${NARROW}1${NARROW}%`;
  return `${rounded}${NARROW}%`;
}

/** Write a weight with its sign. */
export function weight(value: number): string {
  return SIGNED.format(value).replace("-", "\u2212");
}

/** Write how long something took, in the largest unit that keeps two digits. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}${NARROW}s`;
  if (seconds < 120) return `${Math.round(seconds)}${NARROW}s`;
  return `${Math.round(seconds / 60)}${NARROW}min`;
}
