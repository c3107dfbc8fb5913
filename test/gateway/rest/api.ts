/** Requests to a gateway, for tests. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string;
  // What the API promises is what the tests look at.
  readonly body: Record<string, unknown>;
}

export async function get(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return answerOf(await fetch(url + path, { headers }));
}

export async function post(
  url: string,
  path: string,
  body: unknown,
  type = 'application/json',
): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return answerOf(await fetch(url + path, { method: 'POST', headers: { 'Content-Type': type }, body: text }));
}

async function answerOf(response: Response): Promise<Answer> {
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  const body = type.includes('json') ? (JSON.parse(text) as Record<string, unknown>) : { text };
  return { status: response.status, headers: response.headers, type, body };
}
