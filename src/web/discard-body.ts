/** As much of a refused request's body is read and dropped, in bytes and ms; past that the server may cut the connection. */
const MOST = 16 * 1_048_576;
const LONGEST = 1000;

/**
 * Reads the rest of a body that nobody wants. A client that is still sending would otherwise not see the answer, or find the connection
 * cut when it uses it again.
 */
export async function discardBody(request: Request): Promise<void> {
  const { body } = request;
  if (!body || body.locked) return;
  const reader = body.getReader();
  const timer = setTimeout(() => reader.releaseLock(), LONGEST);
  try {
    let bytes = 0;
    for (let piece = await reader.read(); !piece.done && bytes < MOST; piece = await reader.read()) bytes += piece.value.byteLength;
  } catch {
    // The client went away, or took too long: either way there is no more to do.
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}
