import type { Json } from "../core/json.ts";
import type { Upload } from "../core/task.ts";

/** The fields of a form by name: a text, or a list of texts where a name came more than once. Of a JSON body: its properties. */
export type Fields = Readonly<Record<string, Json>>;

/** The files of a form by field name; a list where a name came more than once. */
export type Files = Readonly<Record<string, Upload | readonly Upload[]>>;

/** What has been read of a request so far: also after a failure it holds what came before. */
export class FormBody {
  readonly fields: Record<string, Json> = Object.create(null);
  readonly files: Record<string, Upload | readonly Upload[]> = Object.create(null);

  addField(name: string, value: string): void {
    const before = this.fields[name];
    this.fields[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }

  addFile(name: string, file: Upload): void {
    const before = this.files[name];
    this.files[name] = before === undefined ? file : "upload" in before ? [before, file] : [...before, file];
  }
}
