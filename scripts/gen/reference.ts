import { clientTypes } from './client-types.js';
import { framesPage } from './frames.js';
import { openApiDocument } from './openapi.js';
import { permissionsPage } from './permissions.js';
import { envExample, settingsPage } from './settings.js';
import { subjectsPage } from './subjects.js';
import { transitionsPage } from './transitions.js';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Path from the root of the checkout -> whole content. */
export type GeneratedFiles = Record<string, string>;

/** Everything that is generated from the code; a new kind of reference is one more entry. The same code gives the same bytes. */
export const reference = async (): Promise<GeneratedFiles> => {
  const openApi = await openApiDocument();
  return {
    'docs/reference/openapi.json': `${JSON.stringify(openApi, null, 2)}\n`,
    'docs/reference/subjects.md': subjectsPage(),
    'docs/reference/permissions.md': permissionsPage(),
    'docs/reference/frames.md': framesPage(),
    'docs/reference/transitions.md': transitionsPage(),
    'docs/reference/settings.md': settingsPage(ROOT),
    '.env.example': envExample(ROOT),
    'clients/typescript/src/generated/api.ts': await clientTypes(openApi),
  };
};
