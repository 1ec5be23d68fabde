type Kind = 'up' | 'down';

async function work(): Promise<void> {
  await Promise.resolve();
}

export function habits(kind: Kind, text: string): string {
  work(); // ✗ no-floating-promises
  [1].forEach(work); // ✗ no-misused-promises
  const anything: any = JSON.parse(text); // ✗ no-explicit-any, no-unsafe-assignment
  console.log(kind); // ✗ no-console
  if (kind == 'up') throw 'up'; // ✗ eqeqeq, only-throw-error
  // ✗ switch-exhaustiveness-check on the next line
  switch (kind) {
    case 'up':
      break;
  }
  return anything.name; // ✗ no-unsafe-return, no-unsafe-member-access
}

export default habits; // ✗ no-default-export
