/**
 * The flags that Node is started with, here and in package.json and the Dockerfile (node-flags.test.ts compares them: NODE_OPTIONS does not
 * take all of them). Without the first three V8 sizes its heap by the machine's memory and lets garbage grow to several times what is in use.
 * With them it collects once the heap has grown by a third, keeps the young generation small, and copies it with one thread, since several get
 * in each other's way on two busy cores. Under the burst that halves the memory (docs/performance.md). It is no cap: what is in use may grow
 * beyond. The last one is for the page's files: Node strips their types, and warns that the function for this is a release candidate.
 */
export const nodeFlags = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=35',
  '--no-parallel-scavenge',
  '--disable-warning=ExperimentalWarning',
] as const
