/** Attributes of an element; numbers are written with at most two decimals, null leaves one out. */
export type Attributes = Readonly<Record<string, string | number | null>>;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand in a document: whatever a file name or a label holds stays text. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** An element; attributes are escaped here, children are markup already. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly string[]
): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    if (value === null) return "";
    return ` ${key}="${typeof value === "number" ? coordinate(value) : escapeText(value)}"`;
  });
  return `<${name}${written.join("")}>${children.join("")}</${name}>`;
}

/** A number of an attribute, to a hundredth of a pixel. */
export function coordinate(value: number): string {
  return String(Number(value.toFixed(2)));
}
