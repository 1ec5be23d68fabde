const PROTOCOL = 'src/workflows/protocol';

interface Edit {
  file: string;
  from: string;
  to: string;
}

interface OldFault {
  name: string;
  edits: Edit[];
  /** The first seed to play, for a fault that few seeds find; default 1. */
  from?: number;
  /** The rule that finds it, among others perhaps. */
  rule: RegExp;
}

/** Faults that the protocol once had, as edits of its sources. */
export const OLD_FAULTS: readonly OldFault[] = [
  {
    name: 'a request goes out after the cancellation that came with the look’s answer',
    edits: [
      {
        file: `${PROTOCOL}/run.ts`,
        from: 'this.throwIfCancelled();\n    if (this.isTimeUp)',
        to: 'if (this.isTimeUp)',
      },
      { file: `${PROTOCOL}/restart.ts`, from: '  run.throwIfCancelled();\n', to: '' },
    ],
    rule: /nothing is sent once cancelled/,
  },
  {
    name: 'a lost stop counts as taken, so that an old reading passes for down',
    from: 15_001,
    edits: [
      {
        file: `${PROTOCOL}/prepare.ts`,
        from: "taken = answer.kind === 'accepted';",
        to: "taken = answer.kind !== 'refused';",
      },
    ],
    rule: /a stop that is reported has happened/,
  },
  {
    name: 'a stop whose answer got lost is asked for again and again while the job is down',
    from: 2_001,
    edits: [
      {
        file: `${PROTOCOL}/prepare.ts`,
        from: ' || isDownAlready',
        to: '',
      },
    ],
    rule: /a stop on cancel ends with a refusal that names a down status/,
  },
  {
    name: 'a second stop that is refused because the job goes down ends as refused',
    edits: [
      {
        file: `${PROTOCOL}/prepare.ts`,
        from: 'if (isDecided && !mayPass(run, answer, isPatient)) return answer;',
        to: 'if (!(answer.error.code === WRONG_STATUS_CODE && isPatient)) return answer;',
      },
    ],
    rule: /the outcome is true: a stop was taken/,
  },
  {
    name: 'a stop is sent again after a throttled one without a look',
    edits: [
      {
        file: `${PROTOCOL}/prepare.ts`,
        from: 'const seen = await look(run);',
        to: "const seen = { kind: 'read', reading: { status: record.last!, lookedAt: hands.now() } } as Awaited<ReturnType<typeof look>>;",
      },
    ],
    rule: /each request follows a look that is fresh/,
  },
  {
    name: 'a stop is sent at the deadline',
    edits: [
      {
        file: `${PROTOCOL}/run.ts`,
        from: 'return this.hands.now() >= this.#endsAtMs;',
        to: 'return this.hands.now() > this.#endsAtMs + 60_000;',
      },
    ],
    rule: /nothing is sent at the deadline or later/,
  },
  {
    name: 'a wait does not see that the deadline was moved',
    edits: [
      {
        file: `${PROTOCOL}/wait.ts`,
        from: 'deadlineMs: run.endsAtMs + aheadMs,',
        to: 'deadlineMs: firstEndMs + aheadMs,',
      },
      {
        file: `${PROTOCOL}/wait.ts`,
        from: 'const last = run.record.last!.code;',
        to: 'const last = run.record.last!.code; const firstEndMs = run.endsAtMs;',
      },
      {
        file: `${PROTOCOL}/wait.ts`,
        from: "if (final.kind !== 'no-reading' || run.isTimeUp) return final;",
        to: 'return final;',
      },
      {
        file: `${PROTOCOL}/wait.ts`,
        from: '} else if (run.isTimeUp) {',
        to: '} else if (run.hands.now() >= firstEndMs) {',
      },
    ],
    rule: /the outcome is true: the time was not up/,
  },
  {
    name: 'with a settle time of 0 a stop is asked for without a pause',
    from: 2_001,
    edits: [
      {
        file: `${PROTOCOL}/prepare.ts`,
        from: 'settledAtMs: Math.max(hands.now() + settleMs, nextTryAtMs(run, tries, firstTryAtMs)),',
        to: 'settledAtMs: hands.now() + settleMs,',
      },
    ],
    rule: /steps grow with the logarithm/,
  },
  {
    name: 'an old row of the list is believed after a second look that failed',
    edits: [
      {
        file: 'src/domain/change-wait.ts',
        from: 'if (isChange && mayBeOld && !(isDetail && this.#doubted === code)) {',
        to: 'if (isChange && mayBeOld && this.#doubted !== code) {',
      },
      {
        file: 'src/domain/change-wait.ts',
        from: 'this.#doubted = isDetail ? code : undefined;',
        to: 'this.#doubted = code;',
      },
    ],
    rule: /the outcome is true|a stop that is reported/,
  },
  {
    name: 'a wait that Temporal gave up is not followed by one more look',
    from: 2_001,
    edits: [
      {
        file: `${PROTOCOL}/wait.ts`,
        from: 'isCutShort ? await lookOnceMore(run, seen.error) : seen;',
        to: "isCutShort ? { kind: 'no-reading' as const, error: seen.error } : seen;",
      },
    ],
    rule: /it was there at the deadline/,
  },
  {
    name: 'pauses do not grow with the time that has passed',
    edits: [
      {
        file: 'src/domain/retry.ts',
        from: 'const SHARE_OF_TIME = 1 / 4;',
        to: 'const SHARE_OF_TIME = 0;',
      },
    ],
    rule: /steps grow with the logarithm/,
  },
  {
    name: 'a stop is given up for a down status that the looks do not show yet',
    from: 389_351,
    edits: [{ file: `${PROTOCOL}/prepare.ts`, from: 'isDown(code) && jobStatus', to: 'jobStatus' }],
    rule: /is not given up for a down status that no look has shown/,
  },
  {
    name: 'a wait whose worker’s clock is far ahead runs past the deadline',
    edits: [
      {
        file: `${PROTOCOL}/wait.ts`,
        from: 'if (isEarly) isAhead = lookAtOnce = true;',
        to: 'if (isEarly) aheadMs += run.endsAtMs - run.hands.now();',
      },
    ],
    rule: /it ends in time/,
  },
  {
    name: 'checkNow is lost where it comes with a reading, or during a pause',
    edits: [
      {
        file: `${PROTOCOL}/hands.ts`,
        from: 'const wanted = this.#isLookWanted;',
        to: 'const wanted = false;',
      },
    ],
    rule: /checkNow has a look made/,
  },
  {
    name: 'a restart is asked for again after an answer that got lost',
    edits: [
      {
        file: `${PROTOCOL}/restart.ts`,
        from: "if (answer.kind === 'ambiguous') return afterLostAnswer(run, answer.error);",
        to: '',
      },
    ],
    rule: /at most one restart|the outcome is true/,
  },
];
