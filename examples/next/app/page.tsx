export default function Home() {
  return (
    <form method="post" action="/export" data-asynctask>
      <input name="year" defaultValue="2026" aria-label="Year" />
      <button type="submit">Export the orders</button>
      <script type="module" src="/errand/asynctask.js" />
    </form>
  );
}
