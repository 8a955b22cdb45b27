import type { Answer, TestGateway } from './gateway.fixture.js';

export interface MadeKey {
  id: string;
  api_key: string;
}

/** Makes a key as somebody signed in; who they are is said by their token. */
export const makeKey = async (
  gateway: Pick<TestGateway, 'call'>,
  token: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<MadeKey> => {
  const answer = await gateway.call('POST', '/api/keys', { token, body, headers });
  if (answer.status !== 201) throw new Error(`key: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

export const byKey = (
  gateway: Pick<TestGateway, 'call'>,
  api_key: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> => gateway.call(method, path, { headers: { 'x-api-key': api_key }, body });
