import type { Catalogue } from "../../core/messages.ts";

/** What owners are told of runs that ended. An app overrides a text by giving `createErrand` one of the same key in `messages`. */
export const notifyTexts: Catalogue = {
  en: {
    "notify.subject.succeeded": "Done: {name}",
    "notify.subject.failed": "Failed: {name}",
    "notify.subject.canceled": "Canceled: {name}",
    "notify.succeeded": "“{name}” is done.",
    "notify.failed": "“{name}” could not be done.",
    "notify.canceled": "“{name}” was canceled.",
    "notify.artifacts": "What it made:",
    "notify.more": "and {count} more",
    "notify.open": "Look at it",
  },
  de: {
    "notify.subject.succeeded": "Fertig: {name}",
    "notify.subject.failed": "Fehlgeschlagen: {name}",
    "notify.subject.canceled": "Abgebrochen: {name}",
    "notify.succeeded": "„{name}“ ist fertig.",
    "notify.failed": "„{name}“ ist fehlgeschlagen.",
    "notify.canceled": "„{name}“ wurde abgebrochen.",
    "notify.artifacts": "Was dabei entstanden ist:",
    "notify.more": "und {count} weitere",
    "notify.open": "Ansehen",
  },
  fr: {
    "notify.subject.succeeded": "Terminé : {name}",
    "notify.subject.failed": "Échec : {name}",
    "notify.subject.canceled": "Annulé : {name}",
    "notify.succeeded": "« {name} » est terminé.",
    "notify.failed": "« {name} » a échoué.",
    "notify.canceled": "« {name} » a été annulé.",
    "notify.artifacts": "Ce qui a été produit :",
    "notify.more": "et {count} de plus",
    "notify.open": "Consulter",
  },
  es: {
    "notify.subject.succeeded": "Listo: {name}",
    "notify.subject.failed": "Error: {name}",
    "notify.subject.canceled": "Cancelado: {name}",
    "notify.succeeded": "«{name}» está listo.",
    "notify.failed": "«{name}» no se pudo completar.",
    "notify.canceled": "«{name}» se canceló.",
    "notify.artifacts": "Lo que se ha creado:",
    "notify.more": "y {count} más",
    "notify.open": "Verlo",
  },
};
