/** The whole body as text, or `too-large` as soon as more than `maxBytes` came, decompressed. */
export async function readBody(
  response: Response,
  maxBytes: number,
): Promise<{ kind: 'whole'; text: string } | { kind: 'too-large' }> {
  if (response.body === null) return { kind: 'whole', text: '' };
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { kind: 'whole', text: new TextDecoder().decode(Buffer.concat(chunks)) };
    size += value.byteLength;
    if (size > maxBytes) {
      // Frees the socket; an unread body would block it. Not awaited: a stalled sender could hold it.
      reader.cancel().catch(() => undefined);
      return { kind: 'too-large' };
    }
    chunks.push(value);
  }
}
