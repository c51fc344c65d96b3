import { expect, test } from "vitest";
import { emailNotifier } from "../../../src/notifiers/email.ts";
import { startProcess } from "../../support/process.ts";
import { SmtpServer } from "../../support/smtp.ts";
import { freshDatabase } from "../../support/temp.ts";
import { keptLog, openErrand } from "../fixture.ts";

function survivor(file: string, transport: string) {
  const log = keptLog();
  const channels = [emailNotifier({ transport, from: "tickets@box-office.example", timeout: "10s" })];
  const errand = openErrand({ log, database: `file:${file}`, notify: { channels, when: "absent", wait: 0, to: () => ({ email: "ann@example.org" }) } });
  return { errand, task: errand.task({ name: "idle", run: () => null }) };
}

test.each([
  ["before it was decided", 2000, /^ended/],
  ["between the decision and the mail", 0, /^sending/],
])("a process that is killed %s: another sends the mail, once", async (_, wait, moment) => {
  const file = freshDatabase();
  const smtp = await SmtpServer.start();
  const dying = startProcess(new URL("./killed-process.ts", import.meta.url), { args: [file, smtp.url, String(wait)] });
  const id = (await dying.line(/^ended/)).split(" ")[1] as string;
  await dying.line(moment);
  await dying.kill();
  const { errand, task } = survivor(file, smtp.url);
  await errand.start();
  const [mail] = await smtp.received(1);
  expect(mail?.headers.get("message-id")).toEqual([`<${id}.stopped.email@box-office.example>`]);
  // What comes after it is told of too, and nothing came twice.
  const next = await task.delay(null, { owner: "ann" });
  await smtp.received(2);
  expect(smtp.mails.map(({ headers }) => headers.get("message-id")?.[0])).toEqual([id, next.id].map((runId) => `<${runId}.stopped.email@box-office.example>`));
  expect(await errand.undelivered()).toEqual([]);
});
