const DISMISSED = "errand dismissed";
const CLOSED = "errand tray closed";
const NOTIFY = "errand notify";
/** Ids that are remembered; what was dismissed long ago is no longer shown anyway. */
const MOST = 100;

/** What a visitor has decided about the tray, the same on all pages of the site. Where the browser keeps nothing, it holds for the page. */
export class TrayMemory {
  readonly #page = new Map<string, string>();

  isDismissed(id: string): boolean {
    return this.#dismissed().includes(id);
  }

  dismiss(id: string): void {
    this.#write(DISMISSED, [id, ...this.#dismissed()].slice(0, MOST).join(" "));
  }

  get isClosed(): boolean {
    return this.#read(CLOSED) === "1";
  }

  set isClosed(isClosed: boolean) {
    this.#write(CLOSED, isClosed ? "1" : "");
  }

  get wantsNotice(): boolean {
    return this.#read(NOTIFY) === "1";
  }

  set wantsNotice(wants: boolean) {
    this.#write(NOTIFY, wants ? "1" : "");
  }

  #dismissed(): string[] {
    return this.#read(DISMISSED).split(" ");
  }

  #read(name: string): string {
    try {
      return localStorage.getItem(name) ?? "";
    } catch {
      return this.#page.get(name) ?? "";
    }
  }

  #write(name: string, value: string): void {
    try {
      localStorage.setItem(name, value);
    } catch {
      this.#page.set(name, value);
    }
  }
}
