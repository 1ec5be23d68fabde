import { stripVTControlCharacters, styleText } from 'node:util';

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

/** Shows progress: lines that stay, and below them lines that are overwritten. */
export interface Display {
  /** Writes a line that stays. */
  line(text: string): void;
  /** Removes the overwritten lines for good. */
  close(): void;
}

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const FRAME_MS = 100;

/** A display for a pipe, which writes plain lines. */
export const plainDisplay = (): Display => ({
  line: (text) => void process.stdout.write(`${text}\n`),
  close: () => undefined,
});

/**
 * A display for a terminal. `live` returns the overwritten lines for a frame of the spinner. Cuts them
 * to the terminal's width, because a wrapped line could not be overwritten.
 */
export function terminalDisplay(live: (frame: string) => string[]): Display {
  const { stdout } = process;
  let shown = 0;
  let ticks = 0;
  const erase = () => {
    // Goes to the first column first, because an echoed ^C may have moved the cursor.
    if (shown > 0) stdout.write(`\r\u001B[${shown}A\u001B[0J`);
    shown = 0;
  };
  const draw = () => {
    // Some terminals report 0.
    const [columns, rows] = [stdout.columns || 80, stdout.rows || 24];
    const lines = live(FRAMES[ticks % FRAMES.length]!).slice(0, Math.max(1, rows - 2));
    for (const text of lines) stdout.write(`${cut(text, columns - 1)}\n`);
    shown = lines.length;
  };
  const timer = setInterval(() => {
    ticks += 1;
    erase();
    draw();
  }, FRAME_MS);
  stdout.write('\u001B[?25l');
  return {
    line(text) {
      erase();
      stdout.write(`${text}\n`);
      draw();
    },
    close() {
      clearInterval(timer);
      erase();
      stdout.write('\u001B[?25h');
    },
  };
}

function cut(text: string, width: number): string {
  const bare = stripVTControlCharacters(text);
  return bare.length <= width ? text : `${bare.slice(0, Math.max(0, width - 1))}…`;
}

/** The result of one check of `doctor`. `note`: worth knowing, but restarts are possible. */
export interface Finding {
  check: string;
  result: 'ok' | 'note' | 'obstacle';
  message: string;
  /** What to do about it; absent if there is nothing to do. */
  todo?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, result: 'ok', message });

const withTodo =
  (result: 'note' | 'obstacle') =>
  (check: string, message: string, todo: string): Finding => ({ check, result, message, todo });
export const note = withTodo('note');
export const obstacle = withTodo('obstacle');
