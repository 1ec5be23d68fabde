import { readFileSync } from 'node:fs';
import type { Setting } from './modelarts/file-source.js';
import { headerSecretIn, secretIn, whyUnusable } from './modelarts/watched-files.js';

/** The variables as they were given, and the problems that were found while reading them. */
export class GivenSettings {
  readonly problems: string[] = [];

  /**
   * @param values without empty ones
   * @param nameOf the variable that was set in another one's place
   */
  constructor(
    readonly values: Readonly<Record<string, string>>,
    readonly nameOf: (name: string) => string,
  ) {}

  /** Whether a variable is set, or its `_FILE` form. */
  isSet(name: string): boolean {
    if (name === 'HW_ECS_AGENCY') return this.values[name] === 'true';
    return this.values[name] !== undefined || this.values[`${name}_FILE`] !== undefined;
  }

  /** The variable by which a setting was given. */
  setName(name: string): string {
    return this.values[name] === undefined && this.isSet(name) ? `${name}_FILE` : this.nameOf(name);
  }

  /** A secret: its value, or the file that holds it. Reads the file once, so that a bad path is told at start. */
  secret(name: string): Setting | undefined {
    const [value, path] = [this.values[name], this.values[`${name}_FILE`]];
    if (value !== undefined && path !== undefined) {
      this.problems.push(`${this.nameOf(name)} and ${name}_FILE are both set: remove one`);
    }
    if (path === undefined) return value === undefined ? undefined : { value };
    const parse = name === 'HW_USER_PASSWORD' ? secretIn : headerSecretIn;
    this.file(`${name}_FILE`, path, parse);
    return { file: path };
  }

  /** Reads and parses a file; a problem that names the variable if that fails. */
  file<T>(name: string, path: string, parse: (text: string) => T): T | undefined {
    try {
      return parse(readFileSync(path, 'utf8'));
    } catch (error) {
      const why = whyUnusable(error);
      if (why === undefined) throw error;
      this.problems.push(`${name} names ${JSON.stringify(path)}, which ${why}`);
      return undefined;
    }
  }

  /** Tells a problem if a setting is missing although another one, which needs it, is set. */
  need(name: string, because: readonly string[]): void {
    if (this.isSet(name)) return;
    const other = because.find((candidate) => this.isSet(candidate)) ?? '';
    this.problems.push(`${name} is missing: ${this.setName(other)} is set`);
  }
}
