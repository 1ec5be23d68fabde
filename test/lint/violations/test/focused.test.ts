test.only('runs alone', () => { // ✗ no-focused-tests
  expect(1).toBe(1);
});
