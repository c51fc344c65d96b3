import MarkdownIt from "markdown-it";

/** What Markdown may say of itself: HTML in it is shown as the text that it is, and links lead to no scripts. */
const markdown = new MarkdownIt("default", { html: false, linkify: false, typographer: true });

/** Markdown as HTML that is safe to put on a page; its headings become smaller by so many levels. */
export function markdownHtml(text: string, smaller = 0): string {
  const tokens = markdown.parse(text, {});
  for (const token of tokens) {
    if (token.type === "heading_open" || token.type === "heading_close") token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + smaller)}`;
    // A page whose policy allows no styles in attributes takes a class.
    if (token.attrGet("style") === "text-align:right") token.attrs = [["class", "end"]];
  }
  return markdown.renderer.render(tokens, markdown.options, {});
}
