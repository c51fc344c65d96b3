import type { Catalogue } from "../core/messages.ts";
import { de } from "./pages/texts/de.ts";
import { en } from "./pages/texts/en.ts";
import { es } from "./pages/texts/es.ts";
import { fr } from "./pages/texts/fr.ts";

/** What "My tasks", a task's own page and the page of all tasks say. */
export const pageTexts: Catalogue = { en, de, fr, es };
