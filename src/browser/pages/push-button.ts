import type { PushState } from "../push/push.ts";

/** The buttons by which a reader is told of the ends of their runs: hidden where that is not possible, pressed where it is so. */
export async function enablePush(): Promise<void> {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-errand-push]")];
  if (parts.length === 0) return;
  const push = await import("../push/push.ts").catch(() => undefined);
  if (!push) return;
  for (const part of parts) {
    const mount = new URL(`${part.dataset.errandPush}/`, location.href).href;
    const button = part.querySelector("button") as HTMLButtonElement;
    const note = part.querySelector('[role="status"]') as HTMLElement;
    const show = (state: PushState) => {
      part.hidden = state === "unavailable";
      button.hidden = state === "denied";
      button.ariaPressed = String(state === "on");
      note.textContent = note.dataset[state] ?? "";
    };
    show(await push.pushState(mount));
    button.onclick = async () => {
      if (button.ariaBusy === "true") return;
      button.ariaBusy = "true";
      show(await (button.ariaPressed === "true" ? push.turnOff : push.turnOn)(mount));
      button.ariaBusy = null;
    };
  }
}
