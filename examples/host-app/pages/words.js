const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })

/** "09:30". */
export const timeOf = moment => time.format(moment)

/** "Yesterday", "Today", "Tomorrow", or the date. */
export const dayOf = moment => {
  const days = Math.round((startOfDay(moment) - startOfDay(Date.now())) / 86_400_000)
  return ['Yesterday', 'Today', 'Tomorrow'][days + 1] ?? dateOf(moment)
}

/** "Monday, 2 March". */
export const dateOf = moment => day.format(moment)

export const startOfDay = moment => new Date(moment).setHours(0, 0, 0, 0)

/** Text without accents and capitals, so that a search for “dvorakova” finds Dvořáková. */
export const plain = text => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
