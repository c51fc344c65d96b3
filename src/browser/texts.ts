/** What the dialog says in one language. */
export interface Texts {
  readonly headline: string;
  readonly sending: string;
  readonly arrived: string;
  readonly queued: string;
  readonly started: string;
  readonly unreachable: string;
  readonly keepTrying: string;
  readonly tryAgain: string;
  /** Followed by the HTTP status. */
  readonly refused: string;
  readonly failed: string;
  readonly done: string;
  readonly open: string;
  readonly cancel: string;
  readonly canceling: string;
  readonly background: string;
  readonly close: string;
}

const en: Texts = {
  headline: "We are processing your request …",
  sending: "Sending your request …",
  arrived: "Your request has arrived and will be processed.",
  queued: "Your request is in the queue and will be processed soon.",
  started: "Your request is being processed. This can take a few minutes.",
  unreachable: "We cannot reach the server.",
  keepTrying: "We keep trying.",
  tryAgain: "Please try again.",
  refused: "The server answered with an error:",
  failed: "This did not work",
  done: "Done",
  open: "Continue",
  cancel: "Cancel",
  canceling: "Canceling …",
  background: "Continue in background",
  close: "Close",
};

const de: Texts = {
  headline: "Wir bearbeiten Ihre Anfrage …",
  sending: "Ihre Anfrage wird gesendet …",
  arrived: "Ihre Anfrage ist angekommen und wird bearbeitet.",
  queued: "Ihre Anfrage ist in der Warteschlange und wird bald bearbeitet.",
  started: "Ihre Anfrage wird bearbeitet. Das kann einige Minuten dauern.",
  unreachable: "Wir können den Server nicht erreichen.",
  keepTrying: "Wir versuchen es weiter.",
  tryAgain: "Bitte versuchen Sie es erneut.",
  refused: "Der Server antwortete mit einem Fehler:",
  failed: "Das hat nicht geklappt",
  done: "Fertig",
  open: "Weiter",
  cancel: "Abbrechen",
  canceling: "Wird abgebrochen …",
  background: "Im Hintergrund fortsetzen",
  close: "Schließen",
};

const fr: Texts = {
  headline: "Nous traitons votre demande …",
  sending: "Envoi de votre demande …",
  arrived: "Votre demande est arrivée et va être traitée.",
  queued: "Votre demande est en file d'attente et sera bientôt traitée.",
  started: "Votre demande est en cours de traitement. Cela peut prendre quelques minutes.",
  unreachable: "Le serveur est injoignable.",
  keepTrying: "Nous continuons d'essayer.",
  tryAgain: "Veuillez réessayer.",
  refused: "Le serveur a répondu par une erreur :",
  failed: "Cela n'a pas fonctionné",
  done: "Terminé",
  open: "Continuer",
  cancel: "Annuler",
  canceling: "Annulation …",
  background: "Continuer en arrière-plan",
  close: "Fermer",
};

const es: Texts = {
  headline: "Estamos procesando su solicitud …",
  sending: "Enviando su solicitud …",
  arrived: "Su solicitud ha llegado y se va a procesar.",
  queued: "Su solicitud está en la cola y se procesará pronto.",
  started: "Su solicitud se está procesando. Esto puede tardar unos minutos.",
  unreachable: "No podemos conectar con el servidor.",
  keepTrying: "Seguimos intentándolo.",
  tryAgain: "Inténtelo de nuevo.",
  refused: "El servidor respondió con un error:",
  failed: "Esto no ha funcionado",
  done: "Listo",
  open: "Continuar",
  cancel: "Cancelar",
  canceling: "Cancelando …",
  background: "Continuar en segundo plano",
  close: "Cerrar",
};

const languages: Readonly<Record<string, Texts>> = { en, de, fr, es };

/** The texts in the page's language, else in the first of the browser's that there is, else in English. */
export function texts(): Texts {
  for (const tag of [document.documentElement.lang, ...navigator.languages]) {
    const found = languages[tag.slice(0, 2).toLowerCase()];
    if (found) return found;
  }
  return en;
}

/** Says that the waiting goes on although the server did not answer as it should. */
export function unreachable(say: Texts, code: number): string {
  return `${say.unreachable} ${say.keepTrying}${code ? ` (${code})` : ""}`;
}

/** Says that it has ended without the server doing anything, in the server's own words where it had any. */
export function refusal(say: Texts, code: number, detail: string): string {
  return detail || (code ? `${say.refused} ${code}` : `${say.unreachable} ${say.tryAgain}`);
}
