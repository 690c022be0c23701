/** A node of the compiler's syntax tree. Offsets count bytes of the source. */
export class SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  private readonly fields: Fields;

  constructor(fields: Fields) {
    this.fields = fields;
    this.type = String(fields.nodeType);
    const [start = "0", length = "0"] = String(fields.src).split(":");
    this.start = Number(start);
    this.end = this.start + Number(length);
  }

  /** Whatever stands under a key, when it is of a plain type. */
  text(key: string): string {
    const value = this.fields[key];
    return typeof value === "string" ? value : "";
  }

  number(key: string): number | null {
    const value = this.fields[key];
    return typeof value === "number" ? value : null;
  }

  flag(key: string): boolean {
    return this.fields[key] === true;
  }

  has(key: string): boolean {
    return this.fields[key] !== undefined && this.fields[key] !== null;
  }

  child(key: string): SyntaxNode | null {
    return asNode(this.fields[key]);
  }

  list(key: string): SyntaxNode[] {
    const value: unknown = this.fields[key];
    return Array.isArray(value) ? value.map(asNode).filter((node) => node !== null) : [];
  }

  /** "uint256", "bool", "int_const 5", "struct Market storage ref" … of an expression. */
  get valueType(): string {
    const described = this.fields.typeDescriptions;
    return isFields(described) ? String(described.typeString ?? "") : "";
  }

  /** Nodes directly below, in the order of the source. */
  children(): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    for (const value of Object.values(this.fields)) {
      for (const entry of Array.isArray(value) ? value : [value]) {
        const node = asNode(entry);
        if (node !== null) found.push(node);
      }
    }
    return found.sort((a, b) => a.start - b.start);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asNode(value: unknown): SyntaxNode | null {
  return isFields(value) && typeof value.nodeType === "string" ? new SyntaxNode(value) : null;
}

/** Reads a syntax tree as the compiler writes it. */
export function readTree(ast: unknown): SyntaxNode {
  const node = asNode(ast);
  if (node === null) throw new TypeError("The compiler's output holds no syntax tree");
  return node;
}

/** Visits a node and all below it; `path` leads from the root to the node's parent. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, path: readonly SyntaxNode[]) => void,
  path: readonly SyntaxNode[] = [],
): void {
  visit(node, path);
  const below = [...path, node];
  for (const child of node.children()) walk(child, visit, below);
}

const NAMED = new Set(["ContractDefinition", "FunctionDefinition", "ModifierDefinition"]);

/** "Contract.function" of what stands below a path; a file's own functions go by their name alone. */
export function placeOf(path: readonly SyntaxNode[]): string {
  const names = path
    .filter(({ type }) => NAMED.has(type))
    .map((node) => node.text("name") || node.text("kind"));
  return names.join(".");
}
