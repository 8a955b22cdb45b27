import type { OpenAPIObject } from '@nestjs/swagger';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign]!);

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
}

const rowsOf = (path: string, item: object): { tag: string; row: string }[] =>
  Object.entries(item as Record<string, Operation>).map(([method, { summary = '', description = '', tags }]) => ({
    tag: tags?.[0] ?? '',
    row: `<dt><code>${escape(method.toUpperCase())} ${escape(path)}</code></dt><dd>${escape(`${summary} ${description}`)}</dd>`,
  }));

/** All routes as one page without scripts, so that the strictest content policy holds and no network is needed. */
export const docsPage = ({ info, paths }: OpenAPIObject): string => {
  const rows = Object.entries(paths).flatMap(([path, item]) => rowsOf(path, item));
  const sections = [...new Set(rows.map(({ tag }) => tag))].sort().map(
    (tag) =>
      `<section><h2>${escape(tag)}</h2><dl>${rows
        .filter((one) => one.tag === tag)
        .map(({ row }) => row)
        .join('\n')}</dl></section>`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escape(info.title)} API</title>
<h1>${escape(info.title)} API ${escape(info.version)}</h1>
<p>${escape(info.description ?? '')} Shapes of every input and answer: <a href="/api/openapi.json">OpenAPI 3.1</a>.</p>
${sections.join('\n')}</html>
`;
};
