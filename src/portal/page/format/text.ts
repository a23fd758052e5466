/** "3 deliveries", "1 delivery", "12,480 events". */
export const counted = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** "Paused a subscription" from "paused a subscription". */
export const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** "99.4 %". A share below 1 is never rounded up to 100 %. */
export const percentText = (share: number | null): string => {
  if (share === null) return '–'
  const percent = share * 100
  const shown =
    percent > 99.9 && percent < 100 ? '99.9' : percent < 10 ? percent.toFixed(1) : percent.toFixed(percent > 99 ? 1 : 0)
  return `${Number(shown)} %`
}
