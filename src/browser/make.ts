/** A new element with these properties, at the end of `parent`. Texts go in as text, never as markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<Omit<HTMLElementTagNameMap[Tag], "style">> & { readonly style?: string },
  parent?: ParentNode,
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties) as HTMLElementTagNameMap[Tag];
  parent?.append(element);
  return element;
}
