import { registerSearchAttributes, TemporalRefusedError } from '../client/index.js';
import { SEARCH_ATTRIBUTES } from '../names.js';
import { connect } from './connect.js';
import { explain } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { print, printJson, tell } from './output.js';

/** `setup`: registers what restarts can use. They do without it too, so nothing here is urgent. */
export async function setup(flags: { json?: boolean }): Promise<ExitCode> {
  const { client, namespace, address } = await connect(process.env);
  const where = `namespace ${namespace} at ${address}`;
  let state;
  try {
    state = await registerSearchAttributes(client);
  } catch (error) {
    // Not every Temporal lets its clients do this: Temporal Cloud has its own console for it.
    if (explain(error).code === EXIT.unreachable && !(error instanceof TemporalRefusedError)) {
      throw error;
    }
    const names = SEARCH_ATTRIBUTES.join(', ');
    throw new Error(
      `The search attributes could not be registered in the ${where}: ${explain(error).message}\n` +
        `Register them as Keyword by its console or its administrators: ${names}. Restarts work without them.`,
      { cause: error },
    );
  }
  const { registered, missing, ofAnotherType } = state;
  if (flags.json === true) {
    printJson({ namespace, added: missing, already: registered, ofAnotherType });
  } else {
    for (const name of missing) print(`${name}: registered in the ${where}`);
    for (const name of registered) print(`${name}: was there already`);
  }
  for (const name of ofAnotherType) {
    tell(
      `${name}: is there, but not as Keyword, so restarts don’t write it; remove it, then run setup again`,
    );
  }
  return ofAnotherType.length > 0 ? EXIT.notThere : EXIT.there;
}
