/** What a page says when it has nothing else to show: waiting, failed, empty. */

import type { ReactNode } from "react";

export function Waiting({ what }: { what: string }) {
  return (
    <p className="waiting" role="status">
      <span className="waiting-mark" aria-hidden="true" />
      {what}
    </p>
  );
}

/** Show the server's own sentence, and a way to try again. */
export function Failure({ sentence, again }: { sentence: string; again?: () => void }) {
  return (
    <div className="notice notice-failure" role="alert">
      <p>{sentence}</p>
      {again && (
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="notice">
      <p className="notice-title">{title}</p>
      {children}
    </div>
  );
}
