import { fields } from '#contracts';

const { Bool, Int, OneOf, Text } = fields;
const PATH = 'Relative to the workspace; no "..".';

export class FileListArguments {
  @Text({ min: 1, max: 4096, doc: `${PATH} "." is the workspace itself.` }) path!: string;
  @Bool({ optional: true, doc: 'Everything below, too; default false.' }) recursive?: boolean;
  @Int({ optional: true, min: 1, max: 10_000, doc: 'Entries at most, 1..10000, default 1000.' }) limit?: number;
}

export class FileReadArguments {
  @Text({ min: 1, max: 4096, doc: PATH }) path!: string;
  @Int({ optional: true, min: 1, max: 1_048_576, doc: 'Bytes at most, 1..1048576, default 65536.' })
  limit_bytes?: number;
}

export class FileWriteArguments {
  @Text({ min: 1, max: 4096, doc: PATH }) path!: string;
  @Text({ max: 1_048_576, doc: 'The whole new content.' }) content!: string;
  @OneOf(['utf8', 'base64'], { optional: true, doc: 'Of `content`; default utf8.' }) encoding?: 'utf8' | 'base64';
}

export class FileDeleteArguments {
  @Text({ min: 1, max: 4096, doc: PATH }) path!: string;
  @Bool({ optional: true, doc: 'Needed for a folder that is not empty.' }) recursive?: boolean;
}
