/** The `simulation` section: what a generator needs to know to imitate the plant honestly. */
import { z } from 'zod';

export const simulation = z.looseObject({});
