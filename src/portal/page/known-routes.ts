/** Paths of the table in routes.ts, which fills this: views link to one another without importing each other. */
const known = new Set<string>()

export const tellRoutes = (paths: readonly string[]): void => paths.forEach(path => known.add(path))

export const routeExists = (path: string): boolean => known.has(path)
