import { fields } from '#contracts';
import { RefreshToken } from './auth.messages.js';

const { Bool, Id, Instant, Int, ListOf, Text } = fields;

export class Refresh {
  @RefreshToken({ optional: true, doc: 'For a client that is no page; a page sends its cookie.' })
  refresh_token?: string | null;
}

export class Logout {
  @RefreshToken({ optional: true, doc: 'Whose session ends; absent: that of the access token or cookie.' })
  refresh_token?: string | null;
}

export class ListSessions {
  @Int({ optional: true, min: 1, max: 200, doc: 'Page size, 1..200, default 50.' }) limit?: number;
  @Id({ optional: true, doc: '`next_cursor` of the page before.' }) cursor?: string;
}

export class SessionRef {
  @Id() session_id!: string;
}

export class SessionView {
  @Id() id!: string;
  @Text({ doc: 'What signed in, in its own words.' }) client!: string;
  @Instant() created_at!: string;
  @Instant({ doc: 'At most a minute late; 12 h later the session ends.' }) last_used_at!: string;
  @Instant({ doc: 'When it ends at the latest, 7 days after the sign-in.' }) expires_at!: string;
  @Bool({ doc: 'True: this request came by it.' }) current!: boolean;
}

export class SessionPage {
  @ListOf(() => SessionView) items!: SessionView[];
  @Text({ optional: true, doc: 'Null on the last page.' }) next_cursor!: string | null;
}
