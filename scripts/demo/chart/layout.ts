// Where things are on the drawing, in its own pixels.

export const WIDTH = 1120;
/** The left and right ends of every panel. */
export const LEFT = 74;
export const RIGHT = WIDTH - 74;
/** The first row of event marks, above the first panel. */
export const MARKS_TOP = 14;
export const FIRST_PANEL_TOP = 70;
/** Between panels: the title of the lower one, so far above it. */
export const PANEL_GAP = 50;
export const TITLE_RISE = 16;

/** Where time is: seconds to pixels. */
export type TimeScale = (seconds: number) => number;
