import { html } from "hono/html";
import type { Order } from "../orders.ts";
import type { Markup, Page } from "./page.ts";

const euros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });

export function price({ cents }: Pick<Order, "cents">): string {
  return euros.format(cents / 100);
}

export function orderState({ canceled }: Pick<Order, "canceled">): Markup {
  return canceled === null ? html`<span class="state good">Paid</span>` : html`<span class="state bad">Canceled</span>`;
}

/** An order, and the button that cancels it. */
export function orderPage(order: Order): Page {
  const { code, customer, event, seats, canceled } = order;
  return {
    title: `Order ${code}`,
    content: html`<h1>Order ${code}</h1>
<div class="errand-card">
<dl class="facts">
<div><dt>State</dt><dd>${orderState(order)}${canceled === null ? "" : canceledAt(canceled)}</dd></div>
<div><dt>For</dt><dd>${customer}</dd></div>
<div><dt>Event</dt><dd>${event}</dd></div>
<div><dt>${seats.length === 1 ? "Seat" : "Seats"}</dt><dd>${seats.map((seat) => html`<span class="line">${seat}</span>`)}</dd></div>
<div><dt>Price</dt><dd>${price(order)}</dd></div>
</dl>
<form method="post" action="/orders/${code}/cancel" data-asynctask data-asynctask-headline="Canceling order ${code}">
<button class="${canceled === null ? "danger" : "errand-plain"}" type="submit">Cancel this order</button>
</form>
${canceled === null ? "" : html`<p class="hint">It is canceled already. The button is still here to show what a task’s own error looks like.</p>`}
</div>
<p><a href="/">Back to the box office</a></p>`,
  };
}

function canceledAt(canceled: number): Markup {
  const time = new Date(canceled).toISOString();
  return html` <span class="errand-quiet">since <time datetime="${time}">${time.slice(0, 16).replace("T", ", ")} UTC</time></span>`;
}
