/** How a call of the command line ends, as scripts read it. */
export const EXIT = {
  /** The restart got there; the verb did what it is for. */
  there: 0,
  /** It did not; there is nothing to act on; an obstacle was found. */
  notThere: 1,
  /** Usage or settings. */
  usage: 2,
  unreachable: 3,
  /** The restart goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
