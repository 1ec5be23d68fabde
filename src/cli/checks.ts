/** What a check of `doctor` found. `note`: worth knowing, but restarts are possible. */
export interface Finding {
  check: string;
  result: 'ok' | 'note' | 'obstacle';
  /** What was found. */
  message: string;
  /** What to do about it; absent where nothing is to be done. */
  todo?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, result: 'ok', message });

export const note = (check: string, message: string, todo: string): Finding => ({
  check,
  result: 'note',
  message,
  todo,
});

export const obstacle = (check: string, message: string, todo: string): Finding => ({
  check,
  result: 'obstacle',
  message,
  todo,
});
