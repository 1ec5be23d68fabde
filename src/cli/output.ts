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

/**
 * Control characters and changes of the direction of writing, but not line breaks and the colours of `painter`. In a
 * reason or a name that somebody else has given, they could move the cursor, or hide what a line says.
 */
const MISLEADING = new RegExp(
  String.raw`(?!\n|\u001B\[(?:1|2|22|31|32|33|39)m)[\p{Cc}\p{Bidi_Control}]`,
  'gu',
);

const legible = (text: string): string => text.replace(MISLEADING, '\uFFFD');

export function print(line = ''): void {
  process.stdout.write(`${legible(line)}\n`);
}

/** Writes progress to standard error, so that scripts can parse standard output. */
export function tell(line: string): void {
  process.stderr.write(`${legible(line)}\n`);
}

export function printJson(document: unknown): void {
  const text = JSON.stringify(document, undefined, 2);
  print(text.replace(MISLEADING, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

/** Aligns columns. The last one is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell) => cell.replaceAll('\n', ' '))
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
  line: print,
  close: () => undefined,
});

/**
 * A display for a terminal. `live` returns the overwritten lines for a frame of the spinner. Cuts them
 * to the terminal's width, because a long line should not take several rows.
 */
export async function terminalDisplay(live: (frame: string) => string[]): Promise<Display> {
  const { createLogUpdate } = await import('log-update');
  const { stdout } = process;
  const size = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  // Some terminals report a size of 0, where log-update would show nothing.
  const stream = Object.create(stdout, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
    write: { value: stdout.write.bind(stdout) },
  }) as typeof stdout;
  // log-update hides the cursor by a package that ends the process on Ctrl-C, before a call has said how to go on.
  const overwrite = createLogUpdate(stream, { showCursor: true });
  let ticks = 0;
  const draw = () => {
    const { columns, rows } = size();
    const lines = live(FRAMES[ticks % FRAMES.length]!).slice(0, Math.max(1, rows - 2));
    if (lines.length === 0) overwrite.clear();
    else overwrite(lines.map((text) => cut(legible(text), columns - 1)).join('\n'));
  };
  const timer = setInterval(() => {
    ticks += 1;
    draw();
  }, FRAME_MS);
  stdout.write('\u001B[?25l');
  return {
    line(text) {
      overwrite.clear();
      // Not by log-update's `persist`, which cuts a text that is higher than the terminal.
      print(text);
      draw();
    },
    close() {
      clearInterval(timer);
      overwrite.clear();
      stdout.write('\u001B[?25h');
    },
  };
}

const BAR_WIDTH = 20;

/** `█████░░░░░`. Full only once all is done. */
export function bar(done: number, total: number): string {
  const full = total === 0 ? BAR_WIDTH : Math.floor((BAR_WIDTH * done) / total);
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
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
