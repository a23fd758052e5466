/** What both pages use. */

/** Asks the server; rejects with the words that it gave. */
export const ask = async (method, path, body) => {
  const answer = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error('The app cannot be reached. Try again.')
  })
  const read = answer.status === 204 ? null : await answer.json().catch(() => ({}))
  if (answer.ok) return read
  throw Object.assign(new Error(read.detail ?? 'Something went wrong. Try again.'), { status: answer.status })
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })

export const timeOf = moment => time.format(moment)

/** Today, Tomorrow, or the date. */
export const dayOf = moment => {
  const days = Math.round((startOfDay(moment) - startOfDay(Date.now())) / 86_400_000)
  return ['Yesterday', 'Today', 'Tomorrow'][days + 1] ?? day.format(moment)
}

export const startOfDay = moment => new Date(moment).setHours(0, 0, 0, 0)

export const initialsOf = name =>
  name
    .split(' ')
    .map(part => part[0])
    .filter(letter => /\p{L}/u.test(letter))
    .slice(0, 2)
    .join('')

/** A hue of one's own, the same every time. */
export const hueOf = name => [...name].reduce((hue, letter) => (hue * 31 + letter.codePointAt(0)) % 360, 7)

/** Without accents and capitals: who looks for “dvorakova” finds Dvořáková. */
export const plain = text => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
