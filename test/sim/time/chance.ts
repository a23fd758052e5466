/** A source of chance that gives the same numbers for the same seed. */
export interface Chance {
  /** From 0 to 1, without 1. */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** True with this probability. */
  happens(probability: number): boolean
  pick<T>(from: readonly T[]): T
  /** A source of its own: what it draws does not change what this one draws next. */
  fork(name: string): Chance
}

/** A hash of a text to 32 bits (FNV-1a). */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

/** The generator sfc32, which passes PractRand; four words of state, 2 ns a number. */
export const createChance = (seed: string): Chance => {
  let a = hashOf(`a ${seed}`)
  let b = hashOf(`b ${seed}`)
  let c = hashOf(`c ${seed}`)
  let counter = 1
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let warm = 0; warm < 12; warm += 1) next()
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    happens: probability => next() < probability,
    pick: from => from[Math.floor(next() * from.length)] as (typeof from)[number],
    fork: name => createChance(`${seed}/${name}`),
  }
}
