import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { MessageClass } from './message.js';

/**
 * Field decorators: each says once what a field is, for the validator and for OpenAPI. `doc` states meaning, unit and
 * range. `optional` fields may be absent or null.
 */
interface FieldOptions {
  doc?: string;
  optional?: true;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** PostgreSQL's text has no NUL. */
const NO_NUL = /^[^\0]*$/;

const field = (options: FieldOptions, api: ApiPropertyOptions, ...checks: PropertyDecorator[]): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      ...api,
      description: options.doc,
      required: !options.optional,
      ...(options.optional && { nullable: true }),
    } as ApiPropertyOptions),
    ...(options.optional ? [IsOptional()] : []),
    ...checks,
  );

export const Text = (
  options: FieldOptions & { min?: number; max?: number; pattern?: RegExp } = {},
): PropertyDecorator => {
  const { min = 0, max = 10_000, pattern } = options;
  return field(
    options,
    { type: String, minLength: min, maxLength: max, ...(pattern && { pattern: pattern.source }) },
    IsString(),
    MinLength(min),
    MaxLength(max),
    Matches(pattern ?? NO_NUL, pattern ? {} : { message: '$property must not hold a NUL character' }),
  );
};

export const Id = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String, format: 'uuid' },
    Matches(UUID, { message: '$property must be a UUID in lower case' }),
  );

export const Digest = (options: FieldOptions = {}): PropertyDecorator =>
  Text({ ...options, max: 71, pattern: /^sha256:[0-9a-f]{64}$/ });

export const Int = (options: FieldOptions & { min?: number; max?: number } = {}): PropertyDecorator => {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return field(options, { type: 'integer', minimum: min, maximum: max }, IsInt(), Min(min), Max(max));
};

export const Num = (options: FieldOptions & { min?: number; max?: number } = {}): PropertyDecorator => {
  const { min, max } = options;
  return field(
    options,
    { type: Number, minimum: min, maximum: max },
    IsNumber({ allowInfinity: false, allowNaN: false }),
    ...(min === undefined ? [] : [Min(min)]),
    ...(max === undefined ? [] : [Max(max)]),
  );
};

/** A number in 0..1. */
export const Share = (options: FieldOptions = {}): PropertyDecorator => Num({ ...options, min: 0, max: 1 });

export const Bool = (options: FieldOptions = {}): PropertyDecorator => field(options, { type: Boolean }, IsBoolean());

export const OneOf = (values: readonly (string | number)[], options: FieldOptions = {}): PropertyDecorator =>
  field(options, { enum: [...values] }, IsIn([...values]));

/** An RFC 3339 instant in UTC. */
export const Instant = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, { type: String, format: 'date-time' }, IsISO8601({ strict: true }));

/** Any JSON object, not looked into. */
export const Json = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, { type: 'object', additionalProperties: true }, IsObject());

/** Any JSON value, not looked into. */
export const AnyJson = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(ApiProperty({ description: options.doc, required: false, type: () => Object }), Allow());

/** Swagger takes a function for a lazy type only when its name is `type`. */
const lazy = (of: () => MessageClass<object>) => ({ type: () => of() });

export const Nested = (type: () => MessageClass<object>, options: FieldOptions = {}): PropertyDecorator =>
  field(options, lazy(type), IsObject(), ValidateNested(), Type(type));

export const ListOf = (
  type: () => MessageClass<object>,
  options: FieldOptions & { max?: number } = {},
): PropertyDecorator =>
  field(
    options,
    { ...lazy(type), isArray: true },
    IsArray(),
    ArrayMaxSize(options.max ?? 10_000),
    ValidateNested({ each: true }),
    Type(type),
  );

export const Texts = (
  options: FieldOptions & { max?: number; maxLength?: number; values?: readonly string[] } = {},
): PropertyDecorator =>
  field(
    options,
    { type: String, isArray: true, ...(options.values && { enum: [...options.values] }) },
    IsArray(),
    ArrayMaxSize(options.max ?? 10_000),
    ...(options.values ? [IsIn([...options.values], { each: true })] : [IsString({ each: true })]),
    MaxLength(options.maxLength ?? 10_000, { each: true }),
  );

export const Ints = (options: FieldOptions & { max?: number } = {}): PropertyDecorator =>
  field(
    options,
    { type: 'integer', isArray: true } as ApiPropertyOptions,
    IsArray(),
    ArrayMaxSize(options.max ?? 10_000),
    IsInt({ each: true }),
  );
