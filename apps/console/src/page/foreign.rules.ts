export interface Piece {
  text: string;
  /** True: stands for characters that cannot be seen, or would change how their neighbours are seen. */
  mark: boolean;
}

/** Line feed and tabulator, emoji style (U+FE0E, U+FE0F) and the joints inside an emoji are what they look like. */
const HIDDEN =
  /(?:\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?\u200D(?=\p{Extended_Pictographic}))|(?![\n\t\uFE0E\uFE0F])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2800]/gu;
const CONTROL_PICTURES = 0x2400;
const DELETE = 0x7f;

/** `␛` for a control character that has a picture, `⟨U+202E⟩` for everything else. */
const pictureOf = (character: string): string => {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
  if (code === DELETE) return '\u2421';
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
};

/**
 * A text of somebody who is not trusted, for showing: every control, bidirectional and invisible character and every
 * broken surrogate is replaced by its visible name, so that no two different texts look the same by them and none
 * reorders what stands around it. `\r\n` is one line end.
 */
export const piecesOf = (text: string): Piece[] => {
  const pieces: Piece[] = [];
  const add = (piece: string, mark: boolean): void => {
    const last = pieces.at(-1);
    if (piece === '') return;
    if (last?.mark === mark) last.text += piece;
    else pieces.push({ text: piece, mark });
  };
  const lines = text.replaceAll('\r\n', '\n');
  let end = 0;
  for (const { 0: found, index } of lines.matchAll(HIDDEN)) {
    add(lines.slice(end, index), false);
    const joint = found.length > 1 && found.endsWith('\u200d');
    add(joint ? found : pictureOf(found), !joint);
    end = index + found.length;
  }
  add(lines.slice(end), false);
  return pieces;
};

/** The same as plain text: for titles, labels and notifications. */
export const visible = (text: string): string =>
  piecesOf(text)
    .map((piece) => piece.text)
    .join('');
