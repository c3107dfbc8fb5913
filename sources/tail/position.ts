/** The position in a followed file. It shows when the file was rotated or truncated. */
import { z } from 'zod';

export const tailPosition = z.strictObject({
  /** The path of the followed file, for people. */
  file: z.string(),
  /** Identifies the file when another one has its name now; a decimal number. */
  inode: z.string(),
  /** The byte after the last line that Kafka has acknowledged. */
  offset: z.int().min(0),
  /** Number of lines before that byte. */
  line: z.int().min(0),
  /** A digest of the beginning of the file, to notice that the file was truncated and written again. */
  head: z.strictObject({ bytes: z.int().min(0), sha256: z.string() }),
});

export type TailPosition = z.output<typeof tailPosition>;
