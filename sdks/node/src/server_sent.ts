// Reads server-sent events from a response. Knows the format, not what is in it.

/** One message. */
export interface Message {
  id: string | undefined;
  event: string | undefined;
  data: string;
}

/** The messages of a response, in order, until it ends. Comments are skipped. */
export async function* messages(response: Response): AsyncGenerator<Message, void, undefined> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = parse(block);
      if (message !== undefined) yield message;
    }
  }
}

function parse(block: string): Message | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === '') continue;
    const before = fields.get(name);
    fields.set(name, name === 'data' && before !== undefined ? `${before}\n${value}` : value);
  }
  const data = fields.get('data');
  return data === undefined ? undefined : { id: fields.get('id'), event: fields.get('event'), data };
}
