interface Lockfile {
  readonly packages: Record<string, { engines?: unknown }>
}

/**
 * The text of a package-lock.json without the packages' engines. npm compares engines with the Node that runs npm, and warns. The
 * service runs on the Node that is among its dependencies.
 */
export const withoutEngines = (text: string): string => {
  const lockfile = JSON.parse(text) as Lockfile
  for (const each of Object.values(lockfile.packages)) delete each.engines
  return `${JSON.stringify(lockfile, null, 2)}\n`
}
