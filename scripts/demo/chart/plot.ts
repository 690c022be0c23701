import { clockTicks } from "./axis.ts";
import type { ChartInput } from "./chart.ts";
import { clockLabel } from "./labels.ts";
import { FIRST_PANEL_TOP, LEFT, PANEL_GAP, RIGHT, type TimeScale, WIDTH } from "./layout.ts";
import { element, escapeText } from "./markup.ts";
import { renderEvents, renderMoments } from "./moments.ts";
import { renderPanel } from "./panel.ts";
import { panelsOf } from "./series.ts";

const TIME_TICKS = 10;

/** The drawing: panels over one time axis, event marks, and columns with the figures of each moment. */
export function renderPlot(input: ChartInput): string {
  const { frames, events, report } = input;
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined)
    throw new RangeError("a chart needs at least one frame");
  const from = Number(first.timestamp);
  const to = Math.max(Number(last.timestamp), from + 1);
  const x: TimeScale = (seconds) => LEFT + ((seconds - from) / (to - from)) * (RIGHT - LEFT);

  const panels = panelsOf(input);
  const tops = panels.map((_, index) =>
    panels.slice(0, index).reduce((top, { height }) => top + height + PANEL_GAP, FIRST_PANEL_TOP),
  );
  const bottom = (tops.at(-1) ?? 0) + (panels.at(-1)?.height ?? 0);
  const title = `${report.title}: prices, distressed accounts, liquidations, insurance and pool equity over time`;
  return element(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${bottom + 34}`, role: "img", xmlns: "http://www.w3.org/2000/svg" },
    element("title", {}, escapeText(title)),
    renderTimeAxis({ from, to, x, bottom }),
    ...panels.map((panel, index) => renderPanel({ panel, frames, x, top: tops[index] ?? 0 })),
    renderMoments({ frames, panels, x, bottom }),
    renderEvents({ events, x, bottom }),
  );
}

function renderTimeAxis(axis: { from: number; to: number; x: TimeScale; bottom: number }): string {
  const { from, to, x, bottom } = axis;
  const ticks = clockTicks({ from, to, tickCount: TIME_TICKS }).flatMap((tick) => [
    element("line", { class: "grid", x1: x(tick), x2: x(tick), y1: FIRST_PANEL_TOP, y2: bottom }),
    element(
      "text",
      {
        class: tick % 86_400 === 0 ? "tick day" : "tick",
        x: x(tick),
        y: bottom + 18,
        "text-anchor": "middle",
      },
      escapeText(clockLabel(tick)),
    ),
  ]);
  const unit = element("text", { class: "unit", x: RIGHT + 26, y: bottom + 18 }, "UTC");
  return element("g", { class: "time" }, ...ticks, unit);
}
