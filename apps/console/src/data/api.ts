import { ApiClient, Http } from '#client/browser';

const CSRF_COOKIE = /(?:^|;\s*)(?:__Host-)?spectrace_csrf=([^;]+)/;
const TEAM = 'spectrace.team';

/** The team this tab acts in; null: the one signed in to. */
export const chosenTeam = (): string | null => sessionStorage.getItem(TEAM);

export const chooseTeam = (team: string | null): void => {
  if (team === null) sessionStorage.removeItem(TEAM);
  else sessionStorage.setItem(TEAM, team);
};

/** The session is a cookie that scripts cannot read; this proves that the page of this host asks. */
const headers = (): Record<string, string> => {
  const csrf = CSRF_COOKIE.exec(document.cookie)?.[1];
  const team = chosenTeam();
  return { ...(csrf && { 'x-csrf-token': csrf }), ...(team && { 'x-team-id': team }) };
};

/** The public API, as this person in this tab. */
export const api = new ApiClient(
  new Http({ baseUrl: location.origin, headers, fetch: (input, init) => fetch(input, init) }),
);
