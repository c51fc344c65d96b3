import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createErrand, type Errand, type ErrandOptions, type Task } from "errand";
import { openDatabase, secretOf } from "./database.ts";
import { Orders } from "./orders.ts";
import { Session } from "./session.ts";
import { type AddInput, addTask } from "./tasks/add.ts";
import { type CancelOrderInput, cancelOrderTask } from "./tasks/cancel-order.ts";
import { type ExportCourseInput, type ExportedCourse, exportCourseTask } from "./tasks/export-course.ts";
import { type MadeTickets, type MakeTicketsInput, makeTicketsTask } from "./tasks/make-tickets.ts";
import { type Coastline, type MeasureCoastlineInput, measureCoastlineTask } from "./tasks/measure-coastline.ts";
import { type SleepInput, type Slept, sleepTask } from "./tasks/sleep.ts";
import { type ZipCoursesInput, type ZippedCourses, zipCoursesTask } from "./tasks/zip-courses.ts";

/** All that the pages and the workers of a box office share. */
export interface BoxOffice {
  readonly errand: Errand;
  readonly orders: Orders;
  readonly session: Session;
  /** Signs the codes on tickets. */
  readonly ticketSecret: string;
  readonly tasks: {
    readonly add: Task<AddInput, number>;
    readonly cancelOrder: Task<CancelOrderInput, { code: string }>;
    readonly exportCourse: Task<ExportCourseInput, ExportedCourse>;
    readonly makeTickets: Task<MakeTicketsInput, MadeTickets>;
    readonly measureCoastline: Task<MeasureCoastlineInput, Coastline>;
    readonly sleep: Task<SleepInput, Slept>;
    readonly zipCourses: Task<ZipCoursesInput, ZippedCourses>;
  };
  close(options?: Parameters<Errand["close"]>[0]): Promise<void>;
}

/** Opens the box office whose files lie in `folder`. Any number of processes may have it open. */
export function openBoxOffice(folder: string, options: ErrandOptions = {}): BoxOffice {
  const errand = createErrand({ database: pathToFileURL(join(folder, "errand.sqlite")).href, ...options });
  const database = openDatabase(folder);
  const orders = new Orders(database);
  const ticketSecret = secretOf(database, "tickets");
  return {
    errand,
    orders,
    session: new Session(secretOf(database, "session")),
    ticketSecret,
    tasks: {
      add: addTask(errand),
      cancelOrder: cancelOrderTask(errand, orders),
      exportCourse: exportCourseTask(errand),
      makeTickets: makeTicketsTask(errand, ticketSecret),
      measureCoastline: measureCoastlineTask(errand),
      sleep: sleepTask(errand),
      zipCourses: zipCoursesTask(errand),
    },
    async close(grace) {
      await errand.close(grace);
      database.close();
    },
  };
}
