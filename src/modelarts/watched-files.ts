import { readFile, stat } from 'node:fs/promises';
import { monotonicNow } from './clock.js';
import { SENDABLE } from './credentials.js';
import type { CredentialsReport } from './credentials-source.js';

/** How often the files are checked at most. */
const CHECK_EVERY_MS = 1_000;

/** What a file holds can't be used. The message holds nothing of its content. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}

export interface WatchOptions<T> {
  paths: readonly string[];
  /** Makes the value of the files' texts. Throws `UnusableFile`. */
  parse: (texts: readonly string[]) => T;
  report: CredentialsReport;
  checkEveryMs?: number;
}

/**
 * A value that is kept in files, and read again when one of them has changed.
 *
 * A change counts once two checks have found the files the same: somebody may be writing one of them,
 * or may have replaced only the first of two. Files that are gone or can't be used leave the last
 * good value as it is.
 */
export class WatchedFiles<T> {
  readonly #options: WatchOptions<T>;
  #value: T | undefined;
  /** What identifies the files' contents (inode, size, times): when the value was read, and at the last check. */
  #readStamp = '';
  #seenStamp = '';
  #checkedAt = -Infinity;
  #checking: Promise<void> | undefined;
  #isStale = false;

  constructor(options: WatchOptions<T>) {
    this.#options = options;
  }

  /** The value now; `undefined` if there was none yet that could be used. */
  async value(): Promise<T | undefined> {
    const { checkEveryMs = CHECK_EVERY_MS } = this.#options;
    if (monotonicNow() - this.#checkedAt >= checkEveryMs) await this.check(false);
    return this.#value;
  }

  /** Checks the files now. If it is urgent, a change counts at once. */
  async check(isUrgent: boolean): Promise<void> {
    if (this.#checking !== undefined && !isUrgent) return this.#checking;
    const before = this.#checking ?? Promise.resolve();
    const checking = before.then(() => this.#check(isUrgent));
    this.#checking = checking;
    try {
      await checking;
    } finally {
      if (this.#checking === checking) this.#checking = undefined;
    }
  }

  async #check(isUrgent: boolean): Promise<void> {
    this.#checkedAt = monotonicNow();
    const stamp = await this.#stamp();
    const isNew = stamp !== this.#readStamp;
    const standsStill = stamp === this.#seenStamp || isUrgent || this.#value === undefined;
    this.#seenStamp = stamp;
    if (isNew && standsStill) await this.#read(stamp);
  }

  async #read(stamp: string): Promise<void> {
    const { paths, parse, report } = this.#options;
    let texts: string[];
    let value: T;
    try {
      texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
      if ((await this.#stamp()) !== stamp) return;
      value = parse(texts);
    } catch (error) {
      const why = whyUnusable(error);
      if (why === undefined) throw error;
      // Without any value, the next check tries again.
      if (this.#value !== undefined && error instanceof UnusableFile) this.#readStamp = stamp;
      if (!this.#isStale) {
        const sentence = 'The credentials’ files can’t be used; the last good ones stay in use';
        report('warn', sentence, { paths, why });
      }
      this.#isStale = true;
      return;
    }
    const isChange = JSON.stringify(value) !== JSON.stringify(this.#value);
    if (this.#value !== undefined && (isChange || this.#isStale)) {
      report('info', 'The credentials were read again from their files', { paths });
    }
    if (isChange) this.#value = value;
    this.#isStale = false;
    this.#readStamp = stamp;
  }

  async #stamp(): Promise<string> {
    const stamps = this.#options.paths.map(async (path) => {
      try {
        const { ino, size, mtimeMs, ctimeMs } = await stat(path);
        return `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? 'unreadable';
      }
    });
    return (await Promise.all(stamps)).join(' ');
  }
}

/** Why a file can't be read or used: `is empty`. `undefined` for an error of another kind. */
export function whyUnusable(error: unknown): string | undefined {
  if (error instanceof UnusableFile) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return undefined;
  return code === 'ENOENT' ? 'does not exist' : `can’t be read (${code})`;
}

/** A secret as a file holds it: editors and `echo` end the file with a line break. */
export function secretIn(text: string): string {
  const secret = text.replace(/[\r\n]+$/, '');
  if (secret === '') throw new UnusableFile('is empty');
  return secret;
}

/** A secret that goes into a header. */
export function headerSecretIn(text: string): string {
  const secret = secretIn(text);
  if (SENDABLE.test(secret)) return secret;
  throw new UnusableFile('holds a space or a character other than ASCII');
}
