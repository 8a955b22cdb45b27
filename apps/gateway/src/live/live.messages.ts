import { fields } from '#contracts';

const { Id, Int } = fields;

export class StreamExecution {
  @Id() execution_id!: string;
  @Int({
    optional: true,
    max: 2_147_483_647,
    doc: 'Only frames after this sequence number; default 0. The header Last-Event-ID counts more.',
  })
  after?: number;
}
