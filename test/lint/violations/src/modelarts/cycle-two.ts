import { one } from './cycle-one.js'; // ✗ no-cycle

export const two = (): number => one() + 1;
