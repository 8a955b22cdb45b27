import { fields } from '#contracts';

const { Bool, Int, Json, ListOf, Text } = fields;

export class ProblemLocation {
  @Text({ doc: 'JSON Pointer into the input; empty for the whole of it.' }) path!: string;
  @Text() message!: string;
}

/** Any refusal or failure, RFC 9457. */
export class Problem {
  @Text() type!: string;
  @Text() title!: string;
  @Int() status!: number;
  @Text({ doc: 'A sentence for people.' }) detail!: string;
  @Text({ doc: '`<noun>.<what>`, for programs.' }) code!: string;
  @Text({ doc: 'Finds the request in the log.' }) request_id!: string;
  @Bool({ doc: 'True: the same request may succeed later.' }) retryable!: boolean;
  @ListOf(() => ProblemLocation, { optional: true }) errors?: ProblemLocation[];
  @Json({ optional: true }) details?: Record<string, unknown>;
}
