import { Nothing, type MessageClass } from '#contracts';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiCookieAuth,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiParam,
  type ApiParamOptions,
  ApiQuery,
  ApiResponse,
  ApiSecurity,
  ApiTags,
  getSchemaPath,
  OmitType,
} from '@nestjs/swagger';
import type { EndpointSpec } from './endpoint.types.js';
import { Problem } from './problem.messages.js';

const PROPERTIES = 'swagger/apiModelPropertiesArray';
const PROPERTY = 'swagger/apiModelProperties';
const NOUN = /^\/(?:api\/)?(?:autonomy\/)?([a-z]*)/;

interface PropertyDocs {
  type?: unknown;
  required?: boolean;
  nullable?: boolean;
  description?: string;
  [keyword: string]: unknown;
}

const propertiesOf = (type: MessageClass<object>): string[] =>
  ((Reflect.getMetadata(PROPERTIES, type.prototype) as string[] | undefined) ?? []).map((name) => name.slice(1));

const docsOf = (type: MessageClass<object>, name: string): PropertyDocs =>
  (Reflect.getMetadata(PROPERTY, type.prototype, name) as PropertyDocs | undefined) ?? {};

const TYPE_NAMES = new Map<unknown, string>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
]);

/** A field in a path or query. Null cannot be written there. */
const parameter = (type: MessageClass<object>, name: string): ApiParamOptions => {
  const { type: of, required, nullable: _null, isArray: _one, description, ...keywords } = docsOf(type, name);
  const typeName = TYPE_NAMES.get(of) ?? (of === 'integer' ? 'integer' : 'string');
  return { name, description, required, schema: { type: typeName, ...keywords } } as ApiParamOptions;
};

const bodyDocs = (spec: EndpointSpec, body: MessageClass<object>): MethodDecorator[] => {
  const json = { schema: { $ref: getSchemaPath(body) } };
  if (!spec.yaml) return [ApiExtraModels(body), ApiBody({ type: body })];
  return [
    ApiExtraModels(body),
    ApiConsumes('application/json', 'application/yaml'),
    ApiBody({ ...json, description: 'As `application/yaml`: the file itself.' }),
  ];
};

/** The input without what the path holds. */
const bodyClass = (input: MessageClass<object>, inPath: string[]): MessageClass<object> => {
  if (inPath.length === 0) return input;
  const body = OmitType(input as MessageClass<Record<string, unknown>>, inPath as never[]);
  Object.defineProperty(body, 'name', { value: `${input.name}Body` });
  return body as MessageClass<object>;
};

const inputDocs = (spec: EndpointSpec): MethodDecorator[] => {
  const inPath = [...spec.path.matchAll(/:([a-z_]+)/g)].map(([, name]) => name!);
  const rest = propertiesOf(spec.input).filter((name) => !inPath.includes(name));
  const path = inPath.map((name) => ApiParam(parameter(spec.input, name)));
  if (rest.length === 0) return path;
  if (spec.method === 'GET') return [...path, ...rest.map((name) => ApiQuery(parameter(spec.input, name) as never))];
  return [...path, ...bodyDocs(spec, bodyClass(spec.input, inPath))];
};

const answerDocs = (spec: EndpointSpec): MethodDecorator[] => [
  ...Object.entries(spec.answers).map(([status, type]) =>
    ApiResponse({ status: Number(status), description: '', ...(type !== Nothing && { type }) }),
  ),
  ApiResponse({
    status: 'default',
    description: 'A problem.',
    content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
  }),
];

/** What OpenAPI says about a route, from the same words that make it one. */
export const describeEndpoint = (spec: EndpointSpec): MethodDecorator[] => [
  ApiExtraModels(Problem),
  ApiTags(NOUN.exec(spec.path)?.[1] || 'service'),
  ApiOperation({
    summary: spec.doc,
    ...(!['nothing', 'signed_in'].includes(spec.needs) && { description: `Needs the permission \`${spec.needs}\`.` }),
  }),
  ...(spec.needs === 'nothing'
    ? []
    : [
        ApiBearerAuth(),
        ApiCookieAuth('session'),
        ...(spec.bySession ? [] : [ApiSecurity('api_key')]),
        ApiHeader({
          name: 'X-Team-Id',
          required: false,
          description: 'The team to act in; default the one signed in to.',
        }),
      ]),
  ...(spec.creates
    ? [
        ApiHeader({
          name: 'Idempotency-Key',
          required: false,
          description: 'Repeats with it are answered like the first.',
        }),
      ]
    : []),
  ...inputDocs(spec),
  ...answerDocs(spec),
];
