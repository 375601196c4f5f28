/** The entities around one, drawn; every step can also be taken by keyboard, in the list below the drawing. */

import { type RefObject, useCallback, useEffect, useReducer, useRef, useState } from "react";
import { ask } from "../../../graphql/client";
import { NEIGHBOURHOOD } from "../../../graphql/operations";
import type { Neighbourhood as Surroundings } from "../../../graphql/types";
import { Failure } from "../../../parts/Notice";
import { entityAddress } from "../../../routing/addresses";
import { navigate, PageLink } from "../../../routing/router";
import { counted } from "../../../text/numbers";
import type { Drawing } from "./drawing";
import { Legend } from "./Legend";
import { emptyPicture, grown, type Picture } from "./picture";

const DEEPEST = 3;

export function Neighbourhood({ iri, label }: { iri: string; label: string }) {
  const canvas = useRef<HTMLDivElement>(null);
  const { picture, failure, waiting, expand, further } = usePicture(iri);
  const { drawing, drawn } = useDrawing(canvas, picture, expand);
  const alone = picture.nodes.size === 1;
  return (
    <section className="neighbourhood" aria-labelledby="neighbourhood" aria-busy={waiting}>
      <div className="section-head">
        <h2 id="neighbourhood">Neighbourhood</h2>
        <div className="choices" role="group" aria-label="Drawing">
          <button type="button" aria-label="Zoom in" onClick={() => drawing.current?.zoom(1.3)}>
            +
          </button>
          <button type="button" aria-label="Zoom out" onClick={() => drawing.current?.zoom(1 / 1.3)}>
            {"\u2212"}
          </button>
          <button type="button" onClick={() => drawing.current?.fit()}>
            Fit
          </button>
          <button type="button" disabled={waiting || !further} onClick={() => further?.()}>
            Expand
          </button>
        </div>
      </div>
      <div
        ref={canvas}
        className="canvas"
        role="img"
        aria-label={`${label} and ${counted(picture.nodes.size - 1, "neighbour")}; listed below the drawing`}
        data-drawn={drawn}
      />
      {failure && <Failure sentence={failure} />}
      <Legend picture={picture} />
      <p className="quiet neighbourhood-hint" aria-live="polite">
        {alone ? "Nothing is linked with it yet." : "Click an entity to go there, double-click it to show its links."}
        {picture.cut.size > 0 && " Some entities have more links than are drawn."}
      </p>
      <Listing picture={picture} expand={expand} waiting={waiting} />
    </section>
  );
}

function Listing({ picture, expand, waiting }: { picture: Picture; expand: (iri: string) => void; waiting: boolean }) {
  const others = [...picture.nodes.values()].filter((node) => node.iri !== picture.focus);
  if (others.length === 0) return null;
  return (
    <details className="listing">
      <summary>{counted(others.length, "entity", "entities")} in the drawing</summary>
      <ul>
        {others.map((node) => (
          <li key={node.iri}>
            <PageLink href={entityAddress(node.iri)}>{node.label}</PageLink> <span className="quiet">{node.type}</span>
            {!picture.expanded.has(node.iri) && (
              <button
                type="button"
                className="button button-quiet"
                aria-label={`Expand ${node.label}`}
                disabled={waiting}
                onClick={() => expand(node.iri)}
              >
                Expand
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

interface Growing {
  picture: Picture;
  failure: string | undefined;
  waiting: boolean;
  expand: (iri: string) => void;
  /** Show everything one step further out; undefined when that is far enough. */
  further: (() => void) | undefined;
}

/** Ask for the links around an entity, and for more as a person expands. */
function usePicture(focus: string): Growing {
  const [picture, grow] = useReducer(
    (before: Picture, found: { around: string; neighbourhood: Surroundings }) =>
      grown(before, found.around, found.neighbourhood),
    emptyPicture(focus),
  );
  const [depth, setDepth] = useState(1);
  const [failure, setFailure] = useState<string>();
  const [waiting, setWaiting] = useState(true);

  const read = useCallback(async (iri: string, steps: number, signal?: AbortSignal) => {
    setWaiting(true);
    setFailure(undefined);
    try {
      const { neighbourhood } = await ask(NEIGHBOURHOOD, { iri, depth: steps }, signal);
      if (!signal?.aborted) grow({ around: iri, neighbourhood });
    } catch (error) {
      if (!signal?.aborted) setFailure((error as Error).message);
    } finally {
      if (!signal?.aborted) setWaiting(false);
    }
  }, []);

  useEffect(() => {
    const stop = new AbortController();
    void read(focus, depth, stop.signal);
    return () => stop.abort();
  }, [focus, depth, read]);

  const expand = useCallback((iri: string) => void read(iri, 1), [read]);
  const further = depth < DEEPEST && picture.nodes.size > 1 ? () => setDepth(depth + 1) : undefined;
  return { picture, failure, waiting, expand, further };
}

/** Keep a drawing in step with its picture; `drawn` is the number of entities on the canvas. */
function useDrawing(
  canvas: RefObject<HTMLDivElement | null>,
  picture: Picture,
  expand: (iri: string) => void,
): { drawing: RefObject<Drawing | null>; drawn: number } {
  const drawing = useRef<Drawing>(null);
  const [ready, setReady] = useState(false);
  const [drawn, setDrawn] = useState(0);

  useEffect(() => {
    let gone = false;
    void import("./drawing").then(({ startDrawing }) => {
      if (gone || !canvas.current) return;
      drawing.current = startDrawing(canvas.current, { go: (iri) => navigate(entityAddress(iri)), expand });
      setReady(true);
    });
    return () => {
      gone = true;
      drawing.current?.stop();
      drawing.current = null;
      setReady(false);
    };
  }, [canvas, expand]);

  useEffect(() => {
    if (!ready || picture.nodes.size === 0) return;
    drawing.current?.show(picture);
    setDrawn(picture.nodes.size);
  }, [ready, picture]);

  return { drawing, drawn };
}
