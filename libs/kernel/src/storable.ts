/** The text as PostgreSQL can hold it: no NUL, and no half of a character that an excerpt cut in two. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{FFFD}');
