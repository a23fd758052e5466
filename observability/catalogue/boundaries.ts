/** Upper bounds of histogram buckets, in seconds. Each limit of an objective is a bound: 1 s for first attempts. */
export const boundaries = {
  /** A request, a publication, a POST: its timeout is 30 s at most. */
  request: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  /** From an event to its first attempt. */
  delay: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600],
  /** From an event to its 2xx answer: at once, or after up to three days of retries. */
  delivery: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200, 259_200],
  /** A command of the database. */
  command: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
  /** Rows, not seconds. */
  rows: [1, 2, 5, 10, 20, 50, 100, 200, 500],
} as const
