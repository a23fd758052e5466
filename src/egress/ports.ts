/**
 * Ports above 1023 of other services, which must not receive requests from Doorbell: those that browsers refuse (WHATWG Fetch, "bad port"), and
 * those of databases, caches and machine control.
 */
const others = new Set([
  1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672,
  5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9200, 9300, 10080, 10250, 11211, 27017,
])

/** Creates a check of a url's port. Allowed are the operator's ranges, or without them 80, 443 and all above 1023 except those of other services. */
export const createPortRule =
  (ranges: readonly (readonly [from: number, to: number])[] | null) =>
  (url: URL): boolean => {
    const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port)
    if (ranges !== null) return ranges.some(([from, to]) => port >= from && port <= to)
    return port === 80 || port === 443 || (port > 1_023 && !others.has(port))
  }
