import 'reflect-metadata';
import {
  askersOf,
  catalogues,
  facts,
  graph,
  type Fact,
  type Live,
  type MessageClass,
  ownerOf,
  type ServiceName,
  SERVICES,
  serviceReady,
} from '#contracts';
import { table } from './markdown.js';

type AnyClass = MessageClass<object>;

interface FieldOptions {
  type?: unknown;
  isArray?: boolean;
  enum?: (string | number)[];
  description?: string;
  required?: boolean;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
}

interface Field {
  name: string;
  /** The class of the field or of its items, if it has one of its own. */
  of: AnyClass | null;
  options: FieldOptions;
}

/** Where Nest's `@ApiProperty` leaves what the field decorators say. */
const METADATA = { fields: 'swagger/apiModelPropertiesArray', field: 'swagger/apiModelProperties' };
/** What a field without a length of its own may hold. */
const DEFAULT_TEXT_LENGTH = 10_000;

const fieldsOf = (message: AnyClass): Field[] => {
  const names: string[] = Reflect.getMetadata(METADATA.fields, message.prototype) ?? [];
  return names.map((tagged) => {
    const name = tagged.slice(1);
    const options: FieldOptions = Reflect.getMetadata(METADATA.field, message.prototype, name);
    return { name, of: classOf(options.type), options };
  });
};

const BUILT_IN: unknown[] = [String, Number, Boolean, Object];

const classOf = (type: unknown): AnyClass | null => {
  if (typeof type !== 'function' || BUILT_IN.includes(type)) return null;
  // The decorators give a lazy type as a function of that name.
  const made: unknown = type.name === 'type' ? (type as () => unknown)() : type;
  return BUILT_IN.includes(made) ? null : (made as AnyClass);
};

const linkTo = (message: AnyClass): string => `[${message.name}](#${message.name.toLowerCase()})`;

const rangeOf = ({ minimum, maximum, minLength, maxLength }: FieldOptions): string => {
  if (minimum !== undefined || maximum !== undefined) {
    const highest = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
    return highest === undefined ? (minimum === undefined ? '' : ` >= ${minimum}`) : ` ${minimum}..${highest}`;
  }
  if (maxLength === undefined || (!minLength && maxLength === DEFAULT_TEXT_LENGTH)) return '';
  return `, ${minLength ?? 0}..${maxLength} characters`;
};

const typeText = ({ of, options }: Field): string => {
  const { type, format, isArray } = options;
  const one = (): string => {
    if (of) return linkTo(of);
    if (options.enum) return options.enum.map((value) => `\`${value}\``).join(', ');
    if (format) return format;
    if (options.pattern?.startsWith('^sha256:')) return '`sha256:` and 64 hexadecimal digits';
    if (type === String) return `text${rangeOf(options)}`;
    if (type === Number) return `number${rangeOf(options)}`;
    if (type === 'integer') return `integer${rangeOf(options)}`;
    if (type === Boolean) return 'boolean';
    return type === 'object' ? 'JSON object' : 'any JSON value';
  };
  return isArray ? `list of ${one()}` : one();
};

/** The class and every class below it, each once. */
const reach = (message: AnyClass, found: Set<AnyClass>): void => {
  if (found.has(message)) return;
  found.add(message);
  for (const { of } of fieldsOf(message)) if (of) reach(of, found);
};

const classSection = (message: AnyClass): string => {
  const rows = fieldsOf(message).map((field) => [
    `\`${field.name}\``,
    typeText(field),
    field.options.required === false ? 'yes' : '',
    field.options.description ?? '',
  ]);
  const body = rows.length > 0 ? table(['field', 'type', 'optional', 'meaning'], rows) : 'No fields.';
  return `### ${message.name}\n\n${body}`;
};

const names = (services: ServiceName[]): string => services.join(', ') || 'nobody yet';
const lives = [...new Set(SERVICES.flatMap((service) => graph[service].watches))].filter(({ kind }) => kind === 'live');

const serviceSection = (service: ServiceName, found: Set<AnyClass>): string => {
  const questions = Object.values(catalogues[service]).flatMap((catalogue) => Object.values(catalogue));
  const own = <T extends { subject: string }>(messages: readonly T[]): T[] =>
    messages.filter((message) => ownerOf(message) === service);
  const link = (message: AnyClass): string => {
    reach(message, found);
    return linkTo(message);
  };
  const heardBy = (message: (typeof facts)[number]) => SERVICES.filter((other) => graph[other].hears.includes(message));
  const watchedBy = (view: Live<object> | Fact<object>) =>
    SERVICES.filter((other) => graph[other].watches.includes(view));
  const parts = [
    questions.length > 0 &&
      `Questions:\n\n` +
        table(
          ['subject', 'input', 'answer', 'asked by'],
          questions.map((one) => [`\`rpc.${one.subject}\``, link(one.input), link(one.output), names(askersOf(one))]),
        ),
    own(facts).length > 0 &&
      `Facts:\n\n` +
        table(
          ['subject', 'body', 'heard by', 'watched by'],
          own(facts).map((one) => [
            `\`fact.${one.subject}\``,
            link(one.body),
            names(heardBy(one)),
            watchedBy(one).join(', '),
          ]),
        ),
    own(lives).length > 0 &&
      `Live views:\n\n` +
        table(
          ['subject', 'body', 'watched by'],
          own(lives).map((one) => [`\`live.${one.subject}.<token>…\``, link(one.body), names(watchedBy(one))]),
        ),
  ];
  return [`## ${service}`, ...parts.filter((part) => part !== false)].join('\n\n');
};

/**
 * Every subject on the bus, whose it is, who may use it and what it carries, from the catalogues, the graph and the
 * decorators of the message classes.
 * @throws Error for two message classes of one name, which a reader could not tell apart
 */
export const subjectsPage = (): string => {
  const found = new Set<AnyClass>();
  const sections = SERVICES.map((service) => serviceSection(service, found));
  const ready = serviceReady(SERVICES[0]);
  for (const message of [ready.input, ready.output]) reach(message, found);
  const classes = [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = classes.find((message, i) => classes[i + 1]?.name === message.name);
  if (twice) throw new Error(`two message classes are called ${twice.name}`);
  return (
    [
      '# Subjects',
      'Every message between services. `rpc.`: a question with one answer. `fact.`: what happened, durable, at least once.',
      `Every service answers \`rpc.<service>.service.ready.v1\` (${linkTo(ready.input)} → ${linkTo(ready.output)}).`,
      ...sections,
      '## Message classes',
      ...classes.map(classSection),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
};
