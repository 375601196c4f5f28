/** How points in time read. */

const SHORT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** Write a moment in the reader's time zone; the server's moments without a zone are UTC. */
export function moment(text: string): string {
  return SHORT.format(parsed(text));
}

/** Give the milliseconds between two moments. */
export function between(started: string, ended: string): number {
  return parsed(ended).getTime() - parsed(started).getTime();
}

function parsed(text: string): Date {
  return new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}
