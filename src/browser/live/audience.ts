/** So long nobody must look before it counts, ms: who goes to another tab for a moment is still there. */
const GRACE = 5000;
/** A page that leads and is not looked at itself asks the others again after this time, ms: one may have gone without a word. */
const ASK_EVERY = 30_000;

/** What the pages of a browser say to each other of who is looked at: "who?" asks those that are for their word. */
export type AudienceWord = "visible" | "hidden" | "who?";

/** Knows, in the page that leads, whether any page of the browser is looked at; in the others, says so. */
export class Audience {
  readonly #say: (word: AudienceWord) => void;
  readonly #onChange: (isHidden: boolean) => void;
  #isLeading = false;
  #isHidden = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (word: AudienceWord) => void, onChange: (isHidden: boolean) => void) {
    this.#say = say;
    this.#onChange = onChange;
  }

  /** This page leads from now on. Until others have answered, somebody looks. */
  lead(): void {
    this.#isLeading = true;
    this.#isHidden = false;
    this.look();
  }

  leave(): void {
    this.#isLeading = false;
    clearTimeout(this.#timer);
  }

  /** This page has come to be looked at, or is so no more. */
  look(): void {
    if (!this.#isLeading) this.#say(document.hidden ? "hidden" : "visible");
    else if (document.hidden) this.#ask();
    else this.#seen();
  }

  hear(word: AudienceWord): void {
    if (word === "who?") {
      if (!document.hidden) this.#say("visible");
    } else if (this.#isLeading) {
      if (word === "visible") this.#seen();
      else if (document.hidden) this.#ask();
    }
  }

  #ask(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#set(true), GRACE);
    this.#say("who?");
  }

  #seen(): void {
    clearTimeout(this.#timer);
    if (document.hidden) this.#timer = setTimeout(() => this.#ask(), ASK_EVERY);
    this.#set(false);
  }

  #set(isHidden: boolean): void {
    if (this.#isHidden === isHidden) return;
    this.#isHidden = isHidden;
    this.#onChange(isHidden);
  }
}
