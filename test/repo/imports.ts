import { parseAst } from "rolldown/parseAst";

/** One arrow that leaves a file. */
export interface Import {
  /** As written; null when it is computed while the program runs. */
  readonly source: string | null;
  /** `type`: gone after compilation. `url`: `new URL(source, import.meta.url)`. */
  readonly kind: "value" | "type" | "dynamic" | "url";
  readonly isReexport: boolean;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Every import of a TypeScript module, of whichever form. `file` decides whether JSX is read. */
export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  visit(parseAst(text, { lang: file.endsWith("x") ? "tsx" : "ts" }, file) as unknown as Node, (node) => {
    const imported = readImport(node);
    if (imported) found.push(...imported);
  });
  return found;
}

/** Whether the module consists of re-exports alone. */
export function reexportsOnly(file: string, text: string): boolean {
  const program = parseAst(text, { lang: "ts" }, file) as unknown as { body: Node[] };
  return program.body.every((node) => node.type === "ExportAllDeclaration" || (node.type === "ExportNamedDeclaration" && node.source !== null));
}

function readImport(node: Node): Import[] | undefined {
  switch (node.type) {
    case "ImportDeclaration":
      return [{ source: literal(node.source), kind: isTypeOnly(node, "importKind") ? "type" : "value", isReexport: false }];
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return node.source ? [{ source: literal(node.source), kind: isTypeOnly(node, "exportKind") ? "type" : "value", isReexport: true }] : undefined;
    case "ImportExpression":
      return [{ source: literal(node.source), kind: "dynamic", isReexport: false }];
    case "TSImportType":
      return [{ source: literal(node.source), kind: "type", isReexport: false }];
    case "NewExpression":
      return ownUrl(node)?.map((source) => ({ source, kind: "url", isReexport: false }));
    default:
      return undefined;
  }
}

/** `import type { X }`, or nothing but `{ type X }` in the braces. */
function isTypeOnly(node: Node, kind: "importKind" | "exportKind"): boolean {
  if (node[kind] === "type") return true;
  const specifiers = (node.specifiers ?? []) as Node[];
  return specifiers.length > 0 && specifiers.every((specifier) => specifier[kind] === "type");
}

/** The texts that may be the first argument of `new URL(…, import.meta.url)`. */
function ownUrl(node: Node): string[] | undefined {
  const [target, origin] = node.arguments as (Node | undefined)[];
  const isUrl = (node.callee as Node).type === "Identifier" && (node.callee as Node).name === "URL";
  if (!isUrl || !target || origin?.type !== "MemberExpression" || (origin.object as Node).type !== "MetaProperty") return undefined;
  const texts: string[] = [];
  visit(target, (part) => {
    const text = literal(part);
    if (text !== null && /^\.{1,2}\//.test(text)) texts.push(text);
  });
  return texts;
}

function literal(node: unknown): string | null {
  const { type, value } = node as Node;
  return type === "Literal" && typeof value === "string" ? value : null;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const part of value) visit(part, see);
  } else if (typeof value === "object" && value !== null) {
    if (typeof (value as Node).type === "string") see(value as Node);
    for (const part of Object.values(value)) visit(part, see);
  }
}
