import { html } from "hono/html";
import type { Country } from "../coastline/countries.ts";
import type { Course } from "../courses/course.ts";
import type { Order } from "../orders.ts";
import { people } from "../session.ts";
import { orderState, price } from "./order.ts";
import type { Markup, Page } from "./page.ts";

interface Home {
  readonly orders: readonly Order[];
  readonly courses: readonly Course[];
  readonly countries: readonly Country[];
}

/** What can be done here. */
export function homePage({ orders, courses, countries }: Home): Page {
  return {
    title: "What can be done",
    content: html`<h1>The Winter Concert</h1>
<p class="lead">Long work runs in the background here. Start some, watch it, leave the page, come back, cancel it.</p>
${tickets()}
${ordersTable(orders)}
${courseCard(courses)}
${coastline(countries)}
${add()}
${sleep()}
${signIn()}`,
  };
}

function tickets(): Markup {
  return html`<section class="errand-card" aria-labelledby="tickets">
<h2 id="tickets">Make the tickets</h2>
<p>One PDF with a page and a QR code for each attendee.</p>
<form method="post" action="/tickets" enctype="multipart/form-data" data-asynctask data-asynctask-long data-asynctask-headline="Making the tickets" data-asynctask-text="One page for each attendee. It goes on when you leave this page.">
<label for="file">List of attendees</label>
<input id="file" name="file" type="file" accept=".csv,text/csv" aria-describedby="file-hint">
<p class="hint" id="file-hint">A CSV file with the columns <code>name,email,seat</code>. Without a file, the list of 500 that comes with the demo is taken.</p>
<button type="submit">Make tickets</button>
</form>
</section>`;
}

function ordersTable(orders: readonly Order[]): Markup {
  return html`<section class="errand-card" aria-labelledby="orders">
<h2 id="orders">Orders</h2>
<div class="errand-scroll" role="region" aria-label="Table of orders" tabindex="0">
<table>
<thead><tr><th scope="col">Order</th><th scope="col">For</th><th scope="col" class="amount">Price</th><th scope="col">State</th></tr></thead>
<tbody>
${orders.map(
  (order) =>
    html`<tr><th scope="row"><a href="/orders/${order.code}">${order.code}</a></th><td>${order.customer}</td><td class="amount">${price(order)}</td><td>${orderState(order)}</td></tr>`,
)}
</tbody>
</table>
</div>
<form method="post" action="/demo/reset"><button class="errand-plain" type="submit">Put the orders back</button></form>
</section>`;
}

function courseCard(courses: readonly Course[]): Markup {
  return html`<section class="errand-card" aria-labelledby="course">
<h2 id="course">Courses to take along</h2>
<ul>${courses.map(({ id, title, sections }) => html`<li><a href="/courses/${id}">${title}</a> <small class="errand-quiet">${sections.length} sections</small></li>`)}</ul>
<form method="post" action="/courses/export-all" data-asynctask data-asynctask-headline="Packing all courses" data-asynctask-text="Each by itself, and then all into one zip.">
<button type="submit">Export all courses</button>
</form>
</section>`;
}

function coastline(countries: readonly Country[]): Markup {
  return html`<section class="errand-card" aria-labelledby="coastline">
<h2 id="coastline">Measure a coast</h2>
<p>Island by island, once for everybody: the next to ask gets the same answer at once.</p>
<form class="row wide" method="get" action="/coastline/">
<p><label for="country">Country</label><select id="country" name="country" required>${countries.map(({ code, name }) => html`<option value="${code}"${code === "NO" ? " selected" : ""}>${name}</option>`)}</select></p>
<button type="submit">Measure</button>
</form>
</section>`;
}

function add(): Markup {
  return html`<section class="errand-card" aria-labelledby="add">
<h2 id="add">Add</h2>
<p>The smallest answer that is kept at an address of its own.</p>
<form class="row" method="get" action="/add/">
<p><label for="x">Number</label><input id="x" name="x" type="number" step="1" value="3" required></p>
<p><label for="y">Plus</label><input id="y" name="y" type="number" step="1" value="5" required></p>
<button type="submit">Add</button>
</form>
</section>`;
}

function sleep(): Markup {
  return html`<section class="errand-card" aria-labelledby="sleep">
<h2 id="sleep">Sleep</h2>
<p>Does nothing, step by step: for trying out progress and cancel.</p>
<form class="row" method="post" action="/sleep" data-asynctask data-asynctask-long data-asynctask-headline="Sleeping">
<p><label for="seconds">Seconds</label><input id="seconds" name="seconds" type="number" min="0" max="600" step="any" value="10" required></p>
<p><label for="steps">Steps</label><input id="steps" name="steps" type="number" min="1" max="1000" value="20" required></p>
<button type="submit">Sleep</button>
</form>
</section>`;
}

function signIn(): Markup {
  return html`<section class="errand-card" aria-labelledby="sign-in">
<h2 id="sign-in">Sign in</h2>
<p>Everybody sees only what they started themselves; without signing in, this browser does. No password is asked for.</p>
<form class="people" method="post" action="/login" aria-labelledby="sign-in">
${people.map(({ id, superuser }) => html`<button class="errand-plain" type="submit" name="name" value="${id}">${id}${superuser ? html` <small>(sees everything)</small>` : ""}</button>`)}
</form>
</section>`;
}
