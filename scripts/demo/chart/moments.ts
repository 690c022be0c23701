import type { ChartEvent, ChartFrame } from "./chart.ts";
import { momentLabel } from "./labels.ts";
import { FIRST_PANEL_TOP, MARKS_TOP, type TimeScale } from "./layout.ts";
import { coordinate, element, escapeText } from "./markup.ts";
import type { Panel } from "./series.ts";

/** Events closer than this share one mark. */
const MARK_WIDTH = 11;
/** Columns that answer the pointer; more would be thinner than a hand can hold still. */
const MAX_COLUMNS = 480;

/** Invisible columns over all panels: hovering one shows a line and every figure of that moment. */
export function renderMoments(columns: {
  frames: readonly ChartFrame[];
  panels: readonly Panel[];
  x: TimeScale;
  bottom: number;
}): string {
  const { frames, panels, x, bottom } = columns;
  const stride = Math.ceil(frames.length / MAX_COLUMNS);
  const shown = frames.filter((_, index) => index % stride === 0 || index === frames.length - 1);
  const centre = (frame: ChartFrame | undefined) =>
    frame === undefined ? null : x(Number(frame.timestamp));
  const series = panels.flatMap((panel) => panel.series);
  const drawn = shown.map((frame, index) => {
    const at = x(Number(frame.timestamp));
    const left = (at + (centre(shown[index - 1]) ?? at)) / 2;
    const right = (at + (centre(shown[index + 1]) ?? at)) / 2;
    const figures = series.map(({ label, describe }) => `${label}: ${describe(frame)}`);
    const text = [momentLabel(Number(frame.timestamp)), ...figures].join("\n");
    return element(
      "g",
      { class: "moment" },
      element("rect", {
        x: left,
        y: FIRST_PANEL_TOP,
        width: right - left,
        height: bottom - FIRST_PANEL_TOP,
      }),
      element("line", { x1: at, x2: at, y1: FIRST_PANEL_TOP, y2: bottom }),
      element("title", {}, escapeText(text)),
    );
  });
  return element("g", { class: "moments" }, ...drawn);
}

/** A mark above the panels and a line through them for each event, or for several that are too close to tell apart. */
export function renderEvents(marks: {
  events: readonly ChartEvent[];
  x: TimeScale;
  bottom: number;
}): string {
  const { events, x, bottom } = marks;
  const groups = new Map<string, { at: number; events: ChartEvent[] }>();
  for (const event of events) {
    const at = x(Number(event.timestamp));
    const key = `${event.kind} ${Math.floor(at / MARK_WIDTH)}`;
    const group = groups.get(key) ?? { at, events: [] };
    group.events.push(event);
    groups.set(key, group);
  }
  const drawn = [...groups.values()].map((group) => {
    const kind = group.events[0]?.kind ?? "loss";
    const text = group.events.map(
      (event) => `${momentLabel(Number(event.timestamp))}: ${event.text}`,
    );
    const several = group.events.length > 1 ? [String(group.events.length)] : [];
    const row = kind === "bankruptcy" ? MARKS_TOP : MARKS_TOP + 15;
    return element(
      "g",
      { class: `event ${kind}`, transform: `translate(${coordinate(group.at)} 0)` },
      element("line", { y1: row, y2: bottom }),
      element("path", { d: markShape({ kind, y: row }) }),
      ...several.map((count) => element("text", { x: 8, y: row + 4 }, count)),
      element("title", {}, escapeText(text.join("\n"))),
    );
  });
  return element("g", { class: "events" }, ...drawn);
}

function markShape({ kind, y }: { kind: ChartEvent["kind"]; y: number }): string {
  return kind === "bankruptcy"
    ? `M-5.5 ${y - 5}H5.5L0 ${y + 5}Z`
    : `M0 ${y - 6}L6 ${y}L0 ${y + 6}L-6 ${y}Z`;
}
