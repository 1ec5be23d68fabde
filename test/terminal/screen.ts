/** The control sequences that the command line writes, and what else stands between them. */
const PARTS = new RegExp(
  `${String.fromCodePoint(27)}\\[(?<parameters>[\\d;?]*)(?<command>[a-zA-Z])|[\\s\\S]`,
  'gu',
);

/** What is left on a screen that is as high as need be, once all of this has been written to it. */
export function screen(output: string): string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  const go = (to: number) => {
    row = Math.max(0, to);
    while (rows.length <= row) rows.push([]);
  };
  for (const { 0: text, groups = {} } of output.matchAll(PARTS)) {
    const { parameters = '', command } = groups;
    const count = Number(parameters) || 1;
    if (command === 'A') go(row - count);
    else if (command === 'B') go(row + count);
    else if (command === 'G') column = count - 1;
    else if (command === 'K')
      rows[row]!.length = parameters === '2' ? 0 : Math.min(column, rows[row]!.length);
    else if (command !== undefined) continue;
    else if (text === '\r') column = 0;
    else if (text === '\n') go(row + 1);
    else {
      rows[row]![column] = text;
      column += 1;
    }
  }
  return rows.map((cells) => Array.from(cells, (cell) => cell ?? ' ').join(''));
}
