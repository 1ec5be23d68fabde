const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The endpoint's origin; throws where credentials must not be sent to it: anything but `https`,
 * save `http` on a loopback host.
 */
export function originOf(endpoint: string): string {
  // A URL may hold a password, so the messages do not quote it.
  if (!URL.canParse(endpoint)) throw new TypeError('the ModelArts endpoint is not a URL');
  const url = new URL(endpoint);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    throw new TypeError('the ModelArts endpoint must be https, or http on a loopback host');
  }
  if (url.username || url.password || url.search || url.hash || url.pathname !== '/') {
    throw new TypeError('the ModelArts endpoint must be a scheme, a host and a port alone');
  }
  return url.origin;
}
