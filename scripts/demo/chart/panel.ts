import { type Axis, axisAround } from "./axis.ts";
import type { ChartFrame } from "./chart.ts";
import { LEFT, RIGHT, TITLE_RISE, type TimeScale } from "./layout.ts";
import { coordinate, element, escapeText } from "./markup.ts";
import type { Panel, PanelAxis, Series } from "./series.ts";

/** An axis in place: values to pixels. */
interface PlacedAxis {
  readonly axis: Axis;
  readonly y: (value: number) => number;
}

interface DrawnPanel {
  readonly panel: Panel;
  readonly frames: readonly ChartFrame[];
  readonly x: TimeScale;
  readonly top: number;
}

/** Grid, axes, curves and legend of one panel. */
export function renderPanel(drawn: DrawnPanel): string {
  const { panel, frames, x, top } = drawn;
  const left = placeAxis({ ...drawn, side: "left" });
  // A right axis without curves of its own reads the left ones.
  const isShared = panel.series.every((series) => series.side === "left");
  const axes = { left, right: isShared ? left : placeAxis({ ...drawn, side: "right" }) };

  const grid = left.axis.ticks.map((tick) =>
    element("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: left.y(tick), y2: left.y(tick) }),
  );
  const curves = panel.series.map((series) => {
    const points = frames.map((frame, index) => ({
      x: x(Number(frame.timestamp)),
      y: axes[series.side].y(series.values[index] ?? 0),
    }));
    return renderCurve({ series, points, bottom: top + panel.height });
  });
  return element(
    "g",
    { class: "panel" },
    ...grid,
    renderScale({ side: "left", spec: panel.left, placed: axes.left, top }),
    panel.right === null
      ? ""
      : renderScale({ side: "right", spec: panel.right, placed: axes.right, top }),
    ...curves.toReversed(),
    renderCallout({ ...drawn, placed: left }),
    renderLegend(drawn),
  );
}

/** The axis of the curves of one side, of which there is at least one. */
function placeAxis({ panel, top, side }: DrawnPanel & { side: Series["side"] }): PlacedAxis {
  const curves = panel.series.filter((series) => series.side === side);
  const axis = axisAround({
    values: curves.flatMap((series) => series.values),
    scale: (panel[side] ?? panel.left).scale,
    tickCount: panel.tickCount,
  });
  const pixelsPerUnit = panel.height / (axis.max - axis.min);
  return { axis, y: (value) => top + panel.height - (value - axis.min) * pixelsPerUnit };
}

function renderScale(drawn: {
  side: Series["side"];
  spec: PanelAxis;
  placed: PlacedAxis;
  top: number;
}): string {
  const { side, spec, placed, top } = drawn;
  const place = side === "left" ? { x: LEFT - 10, "text-anchor": "end" } : { x: RIGHT + 10 };
  const labels = spec
    .ticksOn(placed.axis)
    .map((tick) =>
      element(
        "text",
        { class: "tick", ...place, y: placed.y(tick) + 4 },
        escapeText(spec.label(tick)),
      ),
    );
  const title = element(
    "text",
    { class: "unit", ...place, y: top - TITLE_RISE },
    escapeText(spec.title),
  );
  return labels.join("") + title;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function renderCurve(curve: { series: Series; points: readonly Point[]; bottom: number }): string {
  const { series, points, bottom } = curve;
  const path = points.map((point, index) => {
    if (index === 0) return `M${coordinate(point.x)} ${coordinate(point.y)}`;
    return series.shape === "line"
      ? `L${coordinate(point.x)} ${coordinate(point.y)}`
      : `H${coordinate(point.x)}V${coordinate(point.y)}`;
  });
  const d = path.join("");
  const line = element("path", { class: `curve ${series.id}`, d });
  if (series.shape !== "area") return line;
  const closed = `${d}V${coordinate(bottom)}H${coordinate(points[0]?.x ?? LEFT)}Z`;
  return element("path", { class: `fill ${series.id}`, d: closed }) + line;
}

/** Writes the value of one moment of the first curve beside its point. */
function renderCallout(drawn: DrawnPanel & { placed: PlacedAxis }): string {
  const { panel, frames, x, placed } = drawn;
  const [series] = panel.series;
  const frame = panel.callout === null ? undefined : frames[panel.callout];
  const value = panel.callout === null ? undefined : series?.values[panel.callout];
  if (series === undefined || frame === undefined || value === undefined) return "";
  const at = { x: x(Number(frame.timestamp)), y: placed.y(value) };
  const isLate = at.x > (LEFT + RIGHT) / 2;
  const label = { x: at.x + (isLate ? -9 : 9), y: at.y + 4, "text-anchor": isLate ? "end" : null };
  return (
    element("circle", { class: `point ${series.id}`, cx: at.x, cy: at.y, r: 3.5 }) +
    element("text", { class: "callout", ...label }, escapeText(series.describe(frame)))
  );
}

/** Names the curves, with the value each ends at. */
function renderLegend({ panel, frames, top }: DrawnPanel): string {
  const last = frames.at(-1);
  const entries = panel.series.map((series, index) =>
    element(
      "tspan",
      { dx: index === 0 ? null : 26 },
      element("tspan", { class: `swatch ${series.id}` }, "●"),
      element("tspan", { dx: 6 }, escapeText(series.label)),
      element(
        "tspan",
        { class: "value", dx: 8 },
        last === undefined ? "" : escapeText(series.describe(last)),
      ),
    ),
  );
  return element("text", { class: "legend", x: LEFT, y: top - TITLE_RISE }, ...entries);
}
