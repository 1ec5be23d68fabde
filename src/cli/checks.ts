/** The result of one check of `doctor`. `note`: worth knowing, but restarts are possible. */
export interface Finding {
  check: string;
  result: 'ok' | 'note' | 'obstacle';
  message: string;
  /** What to do about it; absent if there is nothing to do. */
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
