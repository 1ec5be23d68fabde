import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transformSync } from '@swc/core';

/*
 * A proof that finds nothing proves nothing. So faults that the protocol once had are put back into a
 * copy of it, one at a time, and the proof must find each.
 */
const ROOT = path.resolve(__dirname, '../..');
const PARTS = ['proof', 'src/domain', 'src/workflows/protocol'];
const PROTOCOL = 'src/workflows/protocol';

/** Enough for the rarest of them. */
const SEEDS = 20_000;

interface Edit {
  file: string;
  from: string;
  to: string;
}

interface OldFault {
  name: string;
  edits: Edit[];
  /** The rule that finds it, among others perhaps. */
  rule: RegExp;
}

const FAULTS: OldFault[] = [
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
    edits: [
      {
        file: `${PROTOCOL}/stop.ts`,
        from: "taken = answer.kind === 'accepted';",
        to: "taken = answer.kind !== 'refused';",
      },
    ],
    rule: /a stop that is reported has happened/,
  },
  {
    name: 'a stop whose answer got lost is asked for again and again while the job is down',
    edits: [
      {
        file: `${PROTOCOL}/stop.ts`,
        from: ' || (jobStatus !== undefined && isDown(jobStatus))',
        to: '',
      },
    ],
    rule: /a stop on cancel ends with a refusal that names a down status/,
  },
  {
    name: 'a second stop that is refused because the job goes down ends as refused',
    edits: [
      {
        file: `${PROTOCOL}/stop.ts`,
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
        file: `${PROTOCOL}/stop.ts`,
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
    edits: [
      {
        file: `${PROTOCOL}/stop.ts`,
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
    edits: [
      {
        file: `${PROTOCOL}/wait.ts`,
        from: "seen.kind === 'lost' ? await lookOnceMore(run, seen.error) : seen;",
        to: "seen.kind === 'lost' ? { kind: 'no-reading' as const, error: seen.error } : seen;",
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
    name: 'checkNow is lost where it comes with a reading, or during a pause',
    edits: [
      {
        file: `${PROTOCOL}/interruption.ts`,
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

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'old-faults-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function prove(name: string, change: (source: string, file: string) => string): string {
  const copy = mkdtempSync(path.join(folder, 'copy-'));
  writeFileSync(path.join(copy, 'package.json'), '{"type":"module"}');
  for (const part of PARTS) {
    mkdirSync(path.join(copy, part), { recursive: true });
    for (const file of readdirSync(path.join(ROOT, part))) {
      const source = change(readFileSync(path.join(ROOT, part, file), 'utf8'), `${part}/${file}`);
      const { code } = transformSync(source, {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      });
      writeFileSync(path.join(copy, part, file.replace(/ts$/, 'js')), code);
    }
  }
  const args = [path.join(copy, 'proof', 'index.js'), '--seeds', String(SEEDS), '--most', '5'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (!/^\d+ passed, \d+ failed$/m.test(stdout)) throw new Error(`${name}: ${stdout}${stderr}`);
  return stdout;
}

it('the protocol as it is passes', () => {
  expect(prove('unchanged', (source) => source)).toMatch(/^20000 passed, 0 failed$/m);
});

it.each(FAULTS)('$name: the proof finds it', ({ name, edits, rule }) => {
  let changed = 0;
  const found = prove(name, (source, of) =>
    edits
      .filter(({ file }) => file === of)
      .reduce((text, { from, to }) => {
        changed += text.split(from).length - 1;
        return text.replace(from, () => to);
      }, source),
  );
  expect(changed).toBe(edits.length);
  expect(found).toMatch(/^✗ seed \d+: /m);
  expect(found).toMatch(rule);
});
