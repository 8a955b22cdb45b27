import { Digest, Instant, Int, ListOf, Text, Texts } from '../fields.js';
import { rpc } from '../message.js';

export class RegisterPlaybook {
  @Text({ min: 1, max: 262_144, doc: 'The file, YAML 1.2, at most 256 KiB.' }) source!: string;
}

export class PlaybookRef {
  @Text({ min: 1, max: 100 }) name!: string;
}

export class ListPlaybooks {
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Text({ optional: true, max: 200 }) cursor?: string;
}

export class PlaybookView {
  @Text() name!: string;
  @Digest({ doc: 'Digest of the source.' }) digest!: string;
  @Text({ optional: true }) description!: string | null;
  @Int() steps!: number;
  @Texts({ optional: true, doc: 'Tools its steps use, `<name>@v<n>`, in their order; not in a list.' })
  tools?: string[];
  @Text({ optional: true, max: 262_144 }) source?: string;
  @Instant() created_at!: string;
}

export class PlaybookPage {
  @ListOf(() => PlaybookView) items!: PlaybookView[];
  @Text({ optional: true }) next_cursor!: string | null;
}

export const playbook = {
  register: rpc('executor.playbook.register.v1', RegisterPlaybook, PlaybookView),
  validate: rpc('executor.playbook.validate.v1', RegisterPlaybook, PlaybookView),
  get: rpc('executor.playbook.get.v1', PlaybookRef, PlaybookView),
  list: rpc('executor.playbook.list.v1', ListPlaybooks, PlaybookPage),
} as const;
