/** Puts a mark before the page's title, and takes it away again; what the page itself makes of its title stays. */
export class TitleMark {
  #mark = "";

  show(mark: string): void {
    const { title } = document;
    const own = this.#mark && title.startsWith(this.#mark) ? title.slice(this.#mark.length) : title;
    this.#mark = mark && `${mark} `;
    if (document.title !== this.#mark + own) document.title = this.#mark + own;
  }
}
