import type { paths } from './generated/api.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type PathOf<M extends Method> = { [P in keyof paths]: paths[P][M] extends object ? P : never }[keyof paths];
export type OperationOf<M extends Method, P extends PathOf<M>> = paths[P][M];

type Parameters<O> = O extends { parameters: infer P } ? P : never;
type In<O, K extends string> = Parameters<O> extends { [P in K]?: infer V } ? NonNullable<V> : never;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
type IsCreating<O> = [In<O, 'header'>] extends [never]
  ? false
  : 'Idempotency-Key' extends keyof In<O, 'header'>
    ? true
    : false;

/** What a call takes, as OpenAPI says: path, query and body where there are any; `creates`, and a key of one's own, where one is honoured. */
export type CallInput<O> = ([In<O, 'path'>] extends [never] ? object : { path: In<O, 'path'> }) &
  ([In<O, 'query'>] extends [never] ? object : { query?: In<O, 'query'> }) &
  ([Body<O>] extends [never] ? object : { body: Body<O> }) &
  (IsCreating<O> extends true ? { creates: true; key?: string } : object) & { timeoutMs?: number };

type Responses<O> = O extends { responses: infer R } ? R : never;
type Success = 200 | 201 | 202 | 204;
type Content<R> = R extends { content: { 'application/json': infer A } } ? A : void;

/** What a call answers: the union over its statuses below 300. */
export type CallAnswer<O> = {
  [S in keyof Responses<O> & Success]: Content<Responses<O>[S]>;
}[keyof Responses<O> & Success];
