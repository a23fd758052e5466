import { computed, signal } from '@preact/signals'

/** What every view receives: the parameters of its path. */
export interface ViewProps {
  params: Readonly<Record<string, string>>
}

type Query = Readonly<Record<string, string | undefined>>

const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

/** The current place, from the address after `#`: `/subscriptions/sub_1?tab=events`. */
export const place = computed(() => {
  const [path = '', query = ''] = hash.value.replace(/^#/, '').split('?')
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) }
})

/** The value of `href` for a place. */
export const linkTo = (path: string, query: Query = {}): string => {
  const given = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  )
  const search = new URLSearchParams(given).toString()
  return `#${path}${search === '' ? '' : `?${search}`}`
}

export const goTo = (path: string, query: Query = {}): void => {
  location.hash = linkTo(path, query)
}

/** Changes the address without an entry in the browser’s history: for filters. */
export const replacePlace = (path: string, query: Query = {}): void => {
  history.replaceState(null, '', linkTo(path, query))
  hash.value = location.hash
}

/** The parameters of a path that matches a pattern such as `/subscriptions/:id`; null if it does not match. */
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

/** A mistyped address must not throw: the view then finds nothing under it. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
