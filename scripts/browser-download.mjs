import { run, tail } from './child.mjs';
import { takingTime } from './terminal.mjs';

/** A guess: a server that can be reached answers within this time. */
const REACHABLE_WITHIN_MS = 8_000;

/** A download that makes no progress for this long is given up. */
const STALLED_AFTER_MS = 20_000;

/** Long enough for 170 MB over a slow line. */
const DOWNLOAD_LIMIT_MS = 600_000;

/**
 * Lets Playwright download its Chromium to its own folder of browsers.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} why the download failed; undefined if it succeeded
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
 * Playwright tries each mirror five times. If the first one can't be reached, don't wait for that.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function whyUnreachable(env) {
  // Playwright uses the proxy, but this fetch does not.
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
