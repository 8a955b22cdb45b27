/** The tab's title: how many wait for a decision, and the page. */
const shown = { page: '', waiting: null as string | null };

const show = (): void => {
  const name = [shown.page, 'SpecTrace'].filter(Boolean).join(' · ');
  document.title = shown.waiting === null ? name : `(${shown.waiting}) ${name}`;
};

export const titleOfPage = (page: string): void => {
  shown.page = page;
  show();
};

/** Pending approvals as they are counted (`3`, `100+`); null: none. */
export const titleOfWaiting = (waiting: string | null): void => {
  shown.waiting = waiting;
  show();
};
