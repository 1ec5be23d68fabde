export default async function globalTeardown() {
  const { closeTestServer } = /** @type {{ closeTestServer?: () => Promise<void> }} */ (globalThis);
  await closeTestServer?.();
}
