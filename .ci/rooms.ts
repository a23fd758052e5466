import type { IModule } from 'dependency-cruiser'

/** The folder that a file belongs to at the largest scale: `src/ledger`, `actors`, or a file of its own such as `src/main.ts`. */
const roomOf = (path: string): string => path.split('/', path.startsWith('src/') ? 2 : 1).join('/')

const isTest = (path: string): boolean => /\.test\.ts$|^(test|node_modules)\//.test(path)

type Rooms = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Finds the rooms that import each other in a circle. Without one the rooms stand on floors, and every import leads down. A dynamic import
 * does not count: the importing room runs without the other.
 */
export const roomsInCircles = (modules: readonly IModule[]): string[] => {
  let rooms = importsOf(modules)
  for (let size = Infinity; rooms.size < size;) {
    size = rooms.size
    rooms = withoutEnds(rooms)
  }
  return [...rooms.keys()].toSorted()
}

const importsOf = (modules: readonly IModule[]): Rooms => {
  const rooms = new Map<string, Set<string>>()
  for (const { source, dependencies } of modules.filter(module => !isTest(module.source))) {
    const room = roomOf(source)
    const others = rooms.get(room) ?? new Set()
    for (const { resolved, dynamic } of dependencies)
      if (!dynamic && !isTest(resolved) && roomOf(resolved) !== room) others.add(roomOf(resolved))
    rooms.set(room, others)
  }
  return rooms
}

/** A room that imports none of the others, or that none of them imports, is in no circle. */
const withoutEnds = (rooms: Rooms): Rooms => {
  const imported = new Set([...rooms.values()].flatMap(others => [...others]))
  return new Map(
    [...rooms].filter(([room, others]) => imported.has(room) && [...others].some(other => rooms.has(other))),
  )
}
