/** The part of resolv.conf(5) that c-ares does not apply to single questions. */
export interface SearchList {
  readonly domains: readonly string[]
  readonly ndots: number
}

export const noSearch: SearchList = { domains: [], ndots: 1 }

/** Reads the domains and `ndots`. The last `search` or `domain` line counts. */
export const parseSearchList = (text: string): SearchList => {
  let { domains, ndots } = noSearch
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (keyword === 'search' || keyword === 'domain') domains = words.map(word => word.toLowerCase().replace(/\.$/, ''))
    const option = keyword === 'options' ? words.findLast(word => /^ndots:\d+$/.test(word)) : undefined
    if (option !== undefined) ndots = Math.min(15, Number(option.slice('ndots:'.length)))
  }
  return { domains: domains.filter(domain => domain !== ''), ndots }
}

/**
 * Returns the names to ask for, in order. Unlike getaddrinfo, a name with a dot is first asked for as it is written, so that Kubernetes' `ndots:5`
 * does not send four questions before each public name; its short names, such as `receiver.shop`, are still found. A final dot means: as written.
 */
export const namesToAsk = (host: string, { domains, ndots }: SearchList): readonly string[] => {
  const name = host.replace(/\.$/, '')
  const dots = name.split('.').length - 1
  if (host.endsWith('.') || dots >= ndots) return [name]
  const longer = domains.map(domain => `${name}.${domain}`)
  return dots === 0 ? [...longer, name] : [name, ...longer]
}
