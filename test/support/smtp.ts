import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** By lower-case name, unfolded, encoded words decoded; of one name that came twice, both. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Decoded parts by media type. */
  readonly parts: ReadonlyMap<string, string>;
}

/** What the server says to RCPT, in turn, the last for ever: "250 ok", "451 later", "550 no such user". */
type Reply = string;

/** A mail server of one's own: it keeps what it is handed in. */
export class SmtpServer {
  readonly mails: Received[] = [];
  /** Each RCPT that came, whatever became of it. */
  readonly recipients: string[] = [];
  url = "";
  readonly #replies: readonly Reply[];
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
    this.#serve(socket);
  });

  private constructor(replies: readonly Reply[]) {
    this.#replies = replies;
  }

  static async start(...replies: Reply[]): Promise<SmtpServer> {
    const server = new SmtpServer(replies.length > 0 ? replies : ["250 ok"]);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    server.url = `smtp://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    onTestFinished(() => server.stop());
    return server;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Once so many mails have come. */
  async received(count: number): Promise<readonly Received[]> {
    while (this.mails.length < count) await this.#news();
    return this.mails;
  }

  /** Once so many RCPTs have come. */
  async asked(count: number): Promise<readonly string[]> {
    while (this.recipients.length < count) await this.#news();
    return this.recipients;
  }

  #news(): Promise<void> {
    return new Promise((woken) => this.#waiting.add(woken));
  }

  #serve(socket: Socket): void {
    let text = "";
    let mail = { from: "", to: [] as string[] };
    let isData = false;
    socket.setEncoding("latin1").write("220 test\r\n");
    socket.on("data", (chunk: string) => {
      text += chunk;
      for (;;) {
        const end = isData ? "\r\n.\r\n" : "\r\n";
        const at = text.indexOf(end);
        if (at < 0) return;
        const said = text.slice(0, at);
        text = text.slice(at + end.length);
        if (isData) {
          isData = false;
          this.mails.push({ ...mail, ...parsed(said.replaceAll("\r\n..", "\r\n.")) });
          socket.write("250 taken\r\n");
          this.#wake();
        } else if (/^MAIL FROM:/i.test(said)) {
          mail = { from: addressIn(said), to: [] };
          socket.write("250 ok\r\n");
        } else if (/^RCPT TO:/i.test(said)) {
          const reply = this.#replies[Math.min(this.recipients.length, this.#replies.length - 1)] as Reply;
          this.recipients.push(addressIn(said));
          if (reply.startsWith("250")) mail.to.push(addressIn(said));
          socket.write(`${reply}\r\n`);
          this.#wake();
        } else if (/^DATA/i.test(said)) {
          isData = true;
          socket.write("354 go on\r\n");
        } else if (/^QUIT/i.test(said)) socket.end("221 bye\r\n");
        else socket.write("250 ok\r\n");
      }
    });
  }

  #wake(): void {
    for (const woken of this.#waiting) woken();
    this.#waiting.clear();
  }
}

function addressIn(command: string): string {
  return /<([^>]*)>/.exec(command)?.[1] ?? "";
}

/** `text`: a MIME message, a byte a character. */
function parsed(text: string): Pick<Received, "headers" | "parts"> {
  const { headers, body } = split(text);
  const type = headers.get("content-type")?.[0] ?? "text/plain";
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary === undefined) return { headers, parts: new Map([[type.split(";")[0] as string, decoded(headers, body)]]) };
  const pieces = body.split(`--${boundary}`).slice(1, -1);
  return { headers, parts: new Map(pieces.flatMap((piece) => [...parsed(piece.replace(/^\r\n/, "").replace(/\r\n$/, "")).parts])) };
}

function split(text: string): { headers: Map<string, string[]>; body: string } {
  const at = text.indexOf("\r\n\r\n");
  const headers = new Map<string, string[]>();
  for (const line of text
    .slice(0, at)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), words(line.slice(colon + 1).trim())]);
  }
  return { headers, body: text.slice(at + 4) };
}

function words(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?(.)\?(.*?)\?=/gi, (_, kind: string, coded: string) =>
      kind.toUpperCase() === "B" ? Buffer.from(coded, "base64").toString("latin1") : printable(coded.replaceAll("_", " ")),
    )
    .replace(/[\x80-\xff]+/g, (bytes) => Buffer.from(bytes, "latin1").toString());
}

function decoded(headers: ReadonlyMap<string, readonly string[]>, body: string): string {
  const encoding = headers.get("content-transfer-encoding")?.[0]?.toLowerCase();
  const bytes = encoding === "base64" ? Buffer.from(body, "base64") : Buffer.from(encoding === "quoted-printable" ? printable(body) : body, "latin1");
  return bytes.toString().replaceAll("\r\n", "\n");
}

function printable(coded: string): string {
  return coded.replace(/=\r\n/g, "").replace(/=([\dA-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
