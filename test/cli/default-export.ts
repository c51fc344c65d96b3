export { errand as default } from "./app.ts";
