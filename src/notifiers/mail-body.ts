import type { Notice } from "../core/notify.ts";

/** The notice as plain text. */
export function textBody({ lines, artifacts, labels, url }: Notice): string {
  const parts = [lines.join("\n\n")];
  if (artifacts.length > 0) parts.push([labels.artifacts, ...artifacts.map((name) => `- ${name}`)].join("\n"));
  if (url !== null) parts.push(`${labels.open}: ${url}`);
  return `${parts.join("\n\n")}\n`;
}

/** The notice as a page without images, scripts or styles from elsewhere. */
export function htmlBody({ locale, subject, lines, artifacts, labels, url }: Notice): string {
  const parts = lines.map((line) => `<p>${escaped(line)}</p>`);
  if (artifacts.length > 0) parts.push(`<p>${escaped(labels.artifacts)}</p><ul>${artifacts.map((name) => `<li>${escaped(name)}</li>`).join("")}</ul>`);
  if (url !== null) parts.push(`<p><a href="${escaped(url)}">${escaped(labels.open)}</a></p>`);
  return `<!doctype html><html lang="${escaped(locale)}"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head><body dir="auto" style="font-family:sans-serif;line-height:1.5">${parts.join("")}</body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
