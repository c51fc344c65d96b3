export type { Action, Can, Identify, ListFilter, RunRestriction, User, Visitor } from "./access.ts";
export type { ActionError, ActionInput, AsyncActionOptions, Params, RedirectContext, WebHandler } from "./async-action-options.ts";
export { type ErrandWeb, errandWeb, type WebOptions } from "./errand-web.ts";
export type { Flashes, FlashMessage } from "./flash.ts";
export type { Fields, Files } from "./form-body.ts";
export type { Markup, PollingViewOptions, RenderContext, ViewInput } from "./polling/polling-view-options.ts";
export type { PathOptions } from "./site-paths.ts";
