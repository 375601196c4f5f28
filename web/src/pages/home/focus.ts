/** Move through results with the arrow keys. */

const RESULT = "[data-result]";

/** Focus a result by its position; say whether there is one. */
export function focusResult(position: number): boolean {
  const result = document.querySelectorAll<HTMLElement>(RESULT)[position];
  result?.focus();
  return result !== undefined;
}

/** Move from the focused result by some steps; before the first one lies the search box. */
export function moveFocus(steps: number): boolean {
  const results = [...document.querySelectorAll<HTMLElement>(RESULT)];
  const here = results.findIndex((result) => result === document.activeElement);
  if (here < 0) return false;
  if (here + steps < 0) document.getElementById("search")?.focus();
  else results[Math.min(here + steps, results.length - 1)]?.focus();
  return true;
}

export function arrowSteps(key: string): number {
  return key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
}
