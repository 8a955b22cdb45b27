/** Polls until `read` returns something, and returns it; `pauseMs` between two polls. Throws after `deadlineMs`. */
export const until = async <T>(
  what: string,
  read: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  deadlineMs = 10_000,
  pauseMs = 10,
): Promise<T> => {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await read();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
};
