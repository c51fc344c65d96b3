/** Shows the body of a page that came as the answer, such as the form with its errors. Its scripts do not run: the page's own are still there. */
export function showAnswerPage(html: string): void {
  const { title, body } = new DOMParser().parseFromString(html, "text/html");
  document.title = title;
  document.body.replaceWith(body);
  document.dispatchEvent(new CustomEvent("errand:page"));
  const first = document.querySelector<HTMLElement>("[aria-invalid=true],[autofocus]");
  if (first) first.focus();
  else scrollTo(0, 0);
}
