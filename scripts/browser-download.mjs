import { run, tail } from './child.mjs';
import { takingTime } from './terminal.mjs';

/** Whoever answers at all answers within this. */
const REACHABLE_WITHIN_MS = 8_000;

/** A download that has brought nothing new for this long is given up. */
const STALLED_AFTER_MS = 20_000;

/** Long enough for 170 MB over a slow line. */
const DOWNLOAD_LIMIT_MS = 600_000;

/**
 * Lets Playwright download its Chromium to where it keeps its browsers.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} why that was not possible; undefined where it is there now
 */
export async function downloadByPlaywright(env) {
  const unreachable = await whyUnreachable(env);
  if (unreachable !== undefined) return unreachable;
  const { code, output, timedOut } = await takingTime('downloading Chromium with Playwright', () =>
    playwright(['install', '--no-shell', 'chromium'], env, DOWNLOAD_LIMIT_MS),
  );
  if (timedOut) return `the download took longer than ${DOWNLOAD_LIMIT_MS / 60_000} minutes`;
  return code === 0 ? undefined : tail(output, 4);
}

/**
 * Playwright tries each mirror five times: where there is no way to the first, don't wait for that.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function whyUnreachable(env) {
  // Playwright goes through the proxy, fetch does not.
  if (env['HTTPS_PROXY'] ?? env['https_proxy']) return undefined;
  const { output } = await playwright(['install', '--dry-run', '--no-shell', 'chromium'], env);
  const url = /Download url:\s*(\S+)/.exec(output)?.[1];
  if (url === undefined) return `no download for this platform: ${tail(output)}`;
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(REACHABLE_WITHIN_MS) });
    return undefined;
  } catch (error) {
    const { cause, message } = /** @type {Error} */ (error);
    return `${new URL(url).host} can't be reached: ${cause instanceof Error ? cause.message : message}`;
  }
}

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {number} [timeoutMs]
 */
const playwright = (args, env, timeoutMs = 30_000) =>
  run(process.execPath, ['node_modules/playwright-core/cli.js', ...args], {
    env: { ...env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(STALLED_AFTER_MS) },
    timeoutMs,
  });
