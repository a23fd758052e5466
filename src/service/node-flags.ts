/**
 * How Node is started, here and in the scripts of package.json. V8 sizes its heap by the machine's memory and lets garbage grow to
 * several times what is in use: with these it collects once the heap has grown by a third, and keeps the young generation small.
 * One thread copies what is young: on two busy cores several only get in each other's way. Under the burst that is about half the memory
 * (docs/performance.md). It is no cap: what is in use may grow beyond.
 * Node itself strips the types of the page's files. It warns that the function for this is a release candidate.
 */
export const nodeFlags = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=35',
  '--no-parallel-scavenge',
  '--disable-warning=ExperimentalWarning',
] as const
