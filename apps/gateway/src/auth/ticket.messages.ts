import { fields } from '#contracts';

const { Int, Text } = fields;

export class StreamTicket {
  @Text({ doc: 'Opens one stream, once; never part of a URL.' }) ticket!: string;
  @Int({ doc: 'Seconds.' }) expires_in!: number;
}
