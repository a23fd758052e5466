import { computed, signal } from '@preact/signals'

/** Where the page is, in the address after `#`: `/subscriptions/sub_1?tab=events`. */
const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

export const place = computed(() => {
  const [path = '', query = ''] = hash.value.replace(/^#/, '').split('?')
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) }
})

/** An address for `href`. */
export const linkTo = (path: string, query: Readonly<Record<string, string | undefined>> = {}): string => {
  const asked = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  )
  const search = new URLSearchParams(asked).toString()
  return `#${path}${search === '' ? '' : `?${search}`}`
}

export const goTo = (path: string, query: Readonly<Record<string, string | undefined>> = {}): void => {
  location.hash = linkTo(path, query)
}

/** Changes the address without a step back to what it was: for filters. */
export const replacePlace = (path: string, query: Readonly<Record<string, string | undefined>> = {}): void => {
  history.replaceState(null, '', linkTo(path, query))
  hash.value = location.hash
}

/** The parameters when `path` fits a pattern such as `/subscriptions/:id`; null when it does not. */
export const matchPath = (pattern: string, path: string): Readonly<Record<string, string>> | null => {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const found: Record<string, string> = {}
  for (const [index, step] of wanted.entries()) {
    const value = given[index] ?? ''
    if (step.startsWith(':')) found[step.slice(1)] = decoded(value)
    else if (step !== value) return null
  }
  return found
}

/** An address that somebody mistyped is no reason to fail: nothing is found under it. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
