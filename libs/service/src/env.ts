import { AppError } from '#kernel';
import { cleanEnv, type CleanedEnv, type ValidatorSpec } from 'envalid';

const sentenceOf = (spec?: ValidatorSpec<unknown>): string => {
  const description = spec?.desc ?? 'wrong value';
  return spec?.choices ? `${description}; one of ${spec.choices.join(', ')}` : description;
};

/**
 * Reads settings by their schema.
 * @throws AppError `settings.invalid` naming every wrong variable, never a value
 */
export const readEnv = <S extends Record<string, ValidatorSpec<unknown>>>(
  source: NodeJS.ProcessEnv,
  schema: S,
): CleanedEnv<S> => ({
  // A plain object: envalid's proxy throws when a container looks for members that are no settings.
  ...cleanEnv(source, schema, {
    reporter: ({ errors }) => {
      const wrong = Object.keys(errors);
      if (wrong.length === 0) return;
      const sentences = wrong.map((name) => `${name}: ${sentenceOf(schema[name])}`);
      throw new AppError('settings.invalid', `Settings to correct: ${sentences.join('; ')}`);
    },
  }),
});
