import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const HAS_PROC = existsSync('/proc/self/stat');

/** Ticks per second of the times in /proc/<pid>/stat: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** What a process has used so far. */
export interface Usage {
  cpuSeconds: number;
  rssKb: number;
}

/** Returns the CPU time of all threads, and the resident memory in kB (1000 bytes). */
export async function usageOf(pid: number): Promise<Usage> {
  if (!HAS_PROC) {
    const { stdout } = await run('ps', ['-o', 'time=,rss=', '-p', String(pid)]);
    const [time = '', rss = '0'] = stdout.trim().split(/\s+/);
    return { cpuSeconds: secondsOf(time), rssKb: kilobytes(Number(rss)) };
  }
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  // Counts fields after the name in parentheses, which may hold anything. User and system time
  // are fields 14 and 15 of the whole line.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return { cpuSeconds: ticks / TICKS, rssKb: kilobytes(Number(rss)) };
}

/** Adds up what processes and all their descendants have used; `NaN` without a process. */
export async function usageOfTrees(pids: readonly number[]): Promise<Usage> {
  if (pids.length === 0) return { cpuSeconds: NaN, rssKb: NaN };
  const running = await runningProcesses();
  const all = new Set(pids);
  // Until a pass finds no more, since a grandchild may be listed before its parent.
  for (let before = 0; before < all.size;) {
    before = all.size;
    for (const { pid, ppid } of running) if (all.has(ppid)) all.add(pid);
  }
  const sum: Usage = { cpuSeconds: 0, rssKb: 0 };
  for (const pid of all) {
    // A descendant may have ended in the meantime, but not one of `pids`.
    const usage = await usageOf(pid).catch((error: unknown) => {
      if (pids.includes(pid)) throw error;
      return undefined;
    });
    sum.cpuSeconds += usage?.cpuSeconds ?? 0;
    sum.rssKb += usage?.rssKb ?? 0;
  }
  return sum;
}

/** Finds a running process. A new child may appear only a moment after its start. */
export async function findProcess(
  matches: (one: { ppid: number; command: string }) => boolean,
): Promise<number | undefined> {
  return (await runningProcesses()).find(matches)?.pid;
}

/** Lists all processes that this one may see. */
export const runningProcesses = (): Promise<Running[]> =>
  HAS_PROC ? processesOfProc() : processesOfPs();

interface Running {
  pid: number;
  ppid: number;
  command: string;
}

async function processesOfProc(): Promise<Running[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    pids.map(async (pid): Promise<Running[]> => {
      try {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
        const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
        const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(pid), ppid, command }];
      } catch {
        return []; // The process has ended in the meantime.
      }
    }),
  );
  return all.flat();
}

async function processesOfPs(): Promise<Running[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,command='], { maxBuffer: 1 << 24 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), ppid: Number(ppid), command }];
  });
}

/** Reads `1:02.34` or `01:00:02`. */
function secondsOf(time: string): number {
  return time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Converts from units of 1024 bytes, in which systems count memory. */
function kilobytes(kibibytes: number): number {
  return (kibibytes * 1024) / 1000;
}
