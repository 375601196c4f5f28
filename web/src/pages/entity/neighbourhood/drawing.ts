/** Draw a picture on a canvas. This module brings cytoscape and is loaded when a drawing is first needed. */

import cytoscape, { type Core, type ElementDefinition, type StylesheetJson } from "cytoscape";
import { COLOURS, colours, edgeKey, type Picture } from "./picture";
import { places, type Point } from "./places";
import { shortened } from "./shortened";

export interface Reactions {
  go: (iri: string) => void;
  expand: (iri: string) => void;
}

export interface Drawing {
  /** Show a picture; what was drawn already moves to its new place. */
  show: (picture: Picture) => void;
  zoom: (factor: number) => void;
  fit: () => void;
  stop: () => void;
}

const MARGIN = 28;
const NEAREST_ZOOM = 1.25;
/** Labels can still be read at this zoom; a larger picture is cut at first, and Fit shows all of it. */
const READABLE_ZOOM = 0.62;

/** Start a drawing in an element of fixed size. */
export function startDrawing(container: HTMLElement, reactions: Reactions): Drawing {
  const canvas = cytoscape({
    container,
    style: styleFrom(container),
    minZoom: 0.15,
    maxZoom: 3,
    // The wheel scrolls the page; with Ctrl, as with two fingers on a touchpad, it zooms.
    userZoomingEnabled: false,
    boxSelectionEnabled: false,
    autoungrabify: false,
  });
  const lifetime = new AbortController();
  listen(canvas, container, reactions, lifetime.signal);
  return {
    show: (picture) => show(canvas, picture),
    zoom: (factor) => zoom(canvas, factor),
    fit: () => fit(canvas),
    stop: () => {
      lifetime.abort();
      canvas.destroy();
    },
  };
}

function show(canvas: Core, picture: Picture): void {
  const target = places(picture);
  const moving = canvas.nodes().nonempty() && matchMedia("(prefers-reduced-motion: no-preference)").matches;
  const from = new Map([...target].map(([iri, point]) => [iri, moving ? startOf(canvas, picture, iri, point) : point]));
  canvas.batch(() => {
    canvas.add(elements(picture, from).filter((element) => canvas.getElementById(element.data.id ?? "").empty()));
    canvas.nodes().forEach((node) => void node.toggleClass("expanded", picture.expanded.has(node.id())));
  });
  canvas.resize();
  const positions = Object.fromEntries(target);
  const layout = canvas.layout({ name: "preset", positions, fit: false, animate: moving, animationDuration: 350 });
  layout.one("layoutstop", () => frame(canvas, picture.focus));
  layout.run();
}

/** Let a newcomer start from the place of a neighbour that is drawn already. */
function startOf(canvas: Core, picture: Picture, iri: string, target: Point): Point {
  const drawn = (other: string) => canvas.getElementById(other).nonempty();
  if (drawn(iri)) return canvas.getElementById(iri).position();
  for (const { start, end } of picture.edges.values()) {
    const other = start === iri ? end : end === iri ? start : undefined;
    if (other && drawn(other)) return canvas.getElementById(other).position();
  }
  return target;
}

function elements(picture: Picture, from: ReadonlyMap<string, Point>): ElementDefinition[] {
  const colour = colours(picture);
  const nodes = [...picture.nodes.values()].map((node) => ({
    group: "nodes" as const,
    data: { id: node.iri, label: shortened(node.label) },
    position: { ...(from.get(node.iri) ?? { x: 0, y: 0 }) },
    classes: [`kind-${colour.get(node.type) ?? 0}`, node.iri === picture.focus ? "focus" : ""],
  }));
  const edges = [...picture.edges.values()].map((edge) => ({
    group: "edges" as const,
    data: { id: edgeKey(edge), source: edge.start, target: edge.end, label: edge.name },
    classes: [edge.confidence < 1 ? "unsure" : ""],
  }));
  return [...nodes, ...edges];
}

function frame(canvas: Core, focus: string): void {
  fit(canvas);
  if (canvas.zoom() >= READABLE_ZOOM) return;
  canvas.zoom(READABLE_ZOOM);
  canvas.center(canvas.getElementById(focus));
}

function fit(canvas: Core): void {
  canvas.fit(undefined, MARGIN);
  if (canvas.zoom() > NEAREST_ZOOM) {
    canvas.zoom(NEAREST_ZOOM);
    canvas.center();
  }
}

function zoom(canvas: Core, factor: number): void {
  const middle = { x: canvas.width() / 2, y: canvas.height() / 2 };
  canvas.zoom({ level: canvas.zoom() * factor, renderedPosition: middle });
}

function listen(canvas: Core, container: HTMLElement, { go, expand }: Reactions, signal: AbortSignal): void {
  canvas.on("onetap", "node", (event) => go(event.target.id()));
  canvas.on("dbltap", "node", (event) => expand(event.target.id()));
  canvas.on("mouseover", "node", (event) => {
    container.style.cursor = "pointer";
    canvas.elements().difference(event.target.closedNeighborhood()).addClass("aside");
    event.target.connectedEdges().addClass("near");
  });
  canvas.on("mouseout", "node", () => {
    container.style.cursor = "";
    canvas.elements().removeClass("aside near");
  });
  container.addEventListener("wheel", (event) => wheel(canvas, event), { passive: false, signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => canvas.style(styleFrom(container)), {
    signal,
  });
}

function wheel(canvas: Core, event: WheelEvent): void {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const renderedPosition = { x: event.offsetX, y: event.offsetY };
  canvas.zoom({ level: canvas.zoom() * Math.exp(-event.deltaY / 300), renderedPosition });
}

/** Take colours and fonts from the page's design tokens. */
function styleFrom(container: HTMLElement): StylesheetJson {
  const token = tokens(container);
  const kinds = Array.from({ length: COLOURS + 1 }, (_, kind) => ({
    selector: `.kind-${kind}`,
    style: { "background-color": token(`--kind-${kind}`) },
  }));
  return [
    {
      selector: "node",
      style: {
        label: "data(label)",
        width: 20,
        height: 20,
        color: token("--ink"),
        "font-family": token("--text-family"),
        "font-size": 11,
        "text-valign": "bottom",
        "text-margin-y": 5,
        "text-background-color": token("--surface"),
        "text-background-opacity": 0.85,
        "text-background-padding": "1px",
        "border-width": 0,
        "overlay-opacity": 0,
      },
    },
    ...kinds,
    {
      selector: "node.expanded",
      style: {
        "border-width": 2,
        "border-color": token("--surface"),
        "outline-width": 1.5,
        "outline-color": token("--ink-soft"),
        "outline-offset": 0,
      },
    },
    {
      selector: "node.focus",
      style: { width: 30, height: 30, "font-size": 13, "font-weight": 600, "outline-color": token("--ink") },
    },
    {
      selector: "edge",
      style: {
        label: "data(label)",
        width: 1.25,
        "curve-style": "bezier",
        "line-color": token("--line-strong"),
        "target-arrow-color": token("--line-strong"),
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.75,
        color: token("--ink-soft"),
        "font-family": token("--text-family"),
        "font-size": 9.5,
        "min-zoomed-font-size": 6,
        "text-rotation": "autorotate",
        "text-background-color": token("--surface"),
        "text-background-opacity": 1,
        "text-background-padding": "2px",
        "overlay-opacity": 0,
      },
    },
    { selector: "edge.unsure", style: { "line-style": "dashed", "line-dash-pattern": [5, 3] } },
    { selector: ".aside", style: { opacity: 0.25 } },
    {
      selector: "edge.near",
      style: {
        width: 2,
        "line-color": token("--ink-soft"),
        "target-arrow-color": token("--ink-soft"),
        color: token("--ink"),
        "min-zoomed-font-size": 0,
      },
    },
  ] as StylesheetJson;
}

function tokens(container: HTMLElement): (name: string) => string {
  const style = getComputedStyle(container);
  return (name) => style.getPropertyValue(name).trim();
}
