/** What the elements say in one language. */
export interface ElementTexts {
  /** Of the tray as a whole. */
  readonly tasks: string;
  /** Of `count` runs that are under way. */
  readonly underWay: (count: number) => string;
  readonly allDone: string;
  readonly cancel: string;
  readonly canceling: string;
  readonly dismiss: string;
  readonly open: string;
  readonly more: string;
  readonly notify: string;
  readonly unreachable: string;
  readonly notFound: string;
}

const en: ElementTexts = {
  tasks: "Tasks",
  underWay: (count) => (count === 1 ? "1 task under way" : `${count} tasks under way`),
  allDone: "All done",
  cancel: "Cancel",
  canceling: "Canceling …",
  dismiss: "Dismiss",
  open: "Continue",
  more: "All results",
  notify: "Notify me at the end",
  unreachable: "We cannot reach the server. We keep trying.",
  notFound: "There is no such task any more.",
};

const de: ElementTexts = {
  tasks: "Aufgaben",
  underWay: (count) => (count === 1 ? "1 Aufgabe läuft" : `${count} Aufgaben laufen`),
  allDone: "Alles erledigt",
  cancel: "Abbrechen",
  canceling: "Wird abgebrochen …",
  dismiss: "Ausblenden",
  open: "Weiter",
  more: "Alle Ergebnisse",
  notify: "Am Ende benachrichtigen",
  unreachable: "Wir können den Server nicht erreichen. Wir versuchen es weiter.",
  notFound: "Diese Aufgabe gibt es nicht mehr.",
};

const fr: ElementTexts = {
  tasks: "Tâches",
  underWay: (count) => (count === 1 ? "1 tâche en cours" : `${count} tâches en cours`),
  allDone: "Tout est terminé",
  cancel: "Annuler",
  canceling: "Annulation …",
  dismiss: "Masquer",
  open: "Continuer",
  more: "Tous les résultats",
  notify: "Me prévenir à la fin",
  unreachable: "Le serveur est injoignable. Nous continuons d'essayer.",
  notFound: "Cette tâche n'existe plus.",
};

const es: ElementTexts = {
  tasks: "Tareas",
  underWay: (count) => (count === 1 ? "1 tarea en curso" : `${count} tareas en curso`),
  allDone: "Todo listo",
  cancel: "Cancelar",
  canceling: "Cancelando …",
  dismiss: "Ocultar",
  open: "Continuar",
  more: "Todos los resultados",
  notify: "Avisarme al final",
  unreachable: "No podemos conectar con el servidor. Seguimos intentándolo.",
  notFound: "Esta tarea ya no existe.",
};

const languages: Readonly<Record<string, ElementTexts>> = { en, de, fr, es };

/** The texts in the language that `element` is in, else in the first of the browser's that there is, else in English. */
export function elementTexts(element: Element): ElementTexts {
  const { lang = "" } = element.closest<HTMLElement>("[lang]") ?? {};
  for (const tag of [lang, ...navigator.languages]) {
    const found = languages[tag.slice(0, 2).toLowerCase()];
    if (found) return found;
  }
  return en;
}
