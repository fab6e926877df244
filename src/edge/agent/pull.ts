const TIMEOUT_MS = 15_000;
const MAX_BYTES = 4 * 1024 * 1024;

export type Pulled =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'policies'; readonly text: string; readonly etag: string | null }
  | { readonly kind: 'unreachable'; readonly reason: string };

/** Asks for a policy set; whatever is not an answer with policies leaves what is in place as it is. */
export async function pull(url: string, token: string | null, etag: string | null): Promise<Pulled> {
  try {
    const answer = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(etag !== null && { 'if-none-match': etag }),
      },
    });
    if (answer.status === 304) return { kind: 'unchanged' };
    if (answer.status !== 200) return unreachable(`answered ${answer.status}${hint(answer.status)}`);
    const text = await bodyOf(answer);
    if (text === null) return unreachable(`answered more than ${MAX_BYTES / 1024 / 1024} MiB`);
    return { kind: 'policies', text, etag: answer.headers.get('etag') };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: NodeJS.ErrnoException };
    return unreachable(name === 'TimeoutError' ? 'no answer in time' : `cannot be reached (${cause?.code ?? name})`);
  }
}

function hint(status: number): string {
  if (status === 401 || status === 403) return '; SPANWARDEN_COLLECTOR_TOKEN has to be the collector token';
  return status === 404 ? '; there is no such policy set' : '';
}

async function bodyOf(answer: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unreachable(reason: string): Pulled {
  return { kind: 'unreachable', reason };
}
