/** Temporal has refused us, and would again. The settings for Temporal must change. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
}

/** The Temporal that was called, and the namespace that was used. */
export interface Asked {
  address: string;
  namespace: string;
}

interface Row {
  /** gRPC status codes. */
  codes?: readonly number[];
  /** What the SDK's core writes if its error has no code. */
  text: RegExp;
  /** @param detail the first group of `text` */
  sentence: (asked: Asked, detail: string | undefined) => string;
}

const CLIENT_CERTIFICATE = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';

/** The names that rustls gives to TLS alerts about a certificate. */
const CERTIFICATE_ALERT =
  /(?:AlertReceived\(|fatal alert: )(\w*Certificate\w*|UnknownCA|AccessDenied|HandshakeFailure)/;

/** The texts are those of SDK 1.24; test/e2e/refusals.test.ts provokes each of them. */
const REFUSALS: readonly Row[] = [
  {
    // INVALID_ARGUMENT, NOT_FOUND
    codes: [3, 5],
    text: /\bcode: NotFound\b|requested entity was not found/,
    sentence: ({ address, namespace }) =>
      `Temporal at ${address} has no namespace "${namespace}". ` +
      'Set TEMPORAL_NAMESPACE to one that it has, or create this one.',
  },
  {
    codes: [7],
    text: /\bcode: PermissionDenied\b|caller does not have permission/,
    sentence: ({ address, namespace }) =>
      `Temporal at ${address} does not let the worker use the namespace "${namespace}" ` +
      `(permission denied). Check TEMPORAL_NAMESPACE, and the rights of TEMPORAL_API_KEY, ` +
      `or of the certificate in ${CLIENT_CERTIFICATE}.`,
  },
  {
    codes: [16],
    text: /\bcode: Unauthenticated\b|not have valid authentication credentials/,
    sentence: ({ address }) =>
      `Temporal at ${address} does not accept the worker’s credentials. ` +
      `Set TEMPORAL_API_KEY, or ${CLIENT_CERTIFICATE}, to valid ones.`,
  },
  {
    text: CERTIFICATE_ALERT,
    sentence: ({ address }, alert) =>
      `Temporal at ${address} does not accept the worker’s certificate (${alert}). ` +
      `Set ${CLIENT_CERTIFICATE} to one that it accepts.`,
  },
  {
    text: /InvalidCertificate\((?:Other\(OtherError\()?(\w+)/,
    sentence: ({ address }, why) =>
      `The certificate of Temporal at ${address} is not trusted (${why}). ` +
      'Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the authority that has signed it, ' +
      'or TEMPORAL_TLS_SERVER_NAME to the name that it is made for.',
  },
  {
    text: /InvalidContentType/,
    sentence: ({ address }) =>
      `What listens at ${address} does not speak TLS. ` +
      'Set TEMPORAL_TLS=false (TEMPORAL_API_KEY turns TLS on), or correct TEMPORAL_ADDRESS.',
  },
  {
    text: /PrivateKeyParseError|CertificateParseError/,
    sentence: () =>
      `Temporal’s client certificate or its key is not PEM: check TEMPORAL_TLS_CLIENT_….`,
  },
];

/** The refusal that an error of Temporal means; `undefined` if another try may succeed. */
export function refusalOf(error: unknown, asked: Asked): AccessRefused | undefined {
  const { code } = new Object(error) as { code?: unknown };
  for (const { codes = [], text, sentence } of REFUSALS) {
    const match = text.exec(textOf(error));
    if (match === null && !codes.some((one) => one === code)) continue;
    return new AccessRefused(sentence(asked, match?.[1]));
  }
  return undefined;
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How the SDK's core says that the other side ended a connection. */
const ENDED = /BrokenPipe|ConnectionReset|UnexpectedEof|connection closed/;

/** Why a call failed, in a few words. The SDK core's own text is Rust debug output. */
export function whyInWords(error: unknown): string {
  const text = textOf(error);
  if (ENDED.test(text)) {
    return 'it ends the connection: it may want TLS or a certificate, TEMPORAL_TLS_…';
  }
  if (!/[{(\\]/.test(text)) return text;
  return [...text.matchAll(/"([^"\\{(]+)"/g)].at(-1)?.[1] ?? 'no connection';
}
