import { styleText } from 'node:util';

type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';
export type Paint = (colour: Colour, text: string) => string;

/** Returns a function that colours text on a terminal that wants colours, and else leaves it plain. */
export function painter(
  stream: { isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): Paint {
  const { NO_COLOR, TERM } = environment;
  const colourful = stream.isTTY === true && !NO_COLOR && TERM !== 'dumb';
  return (colour, text) => (colourful ? styleText(colour, text) : text);
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Writes progress to standard error, so that scripts can parse standard output. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printJson(document: unknown): void {
  print(JSON.stringify(document, undefined, 2));
}

/** Aligns columns. The last one is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
