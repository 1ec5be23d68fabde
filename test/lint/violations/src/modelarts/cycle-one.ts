import { two } from './cycle-two.js'; // ✗ no-cycle

export const one = (): number => two() + 1;
