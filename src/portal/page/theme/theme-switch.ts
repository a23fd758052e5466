import { html } from '../html.ts'
import { Icon } from '../parts/icon.ts'
import { chooseTheme, type Theme, theme } from './theme.ts'

const order = { system: 'light', light: 'dark', dark: 'system' } as const satisfies Record<Theme, Theme>
const said = { system: 'as the system', light: 'light', dark: 'dark' } as const
const icons = { system: 'system', light: 'sun', dark: 'moon' } as const

/** One button through the three themes. */
export const ThemeSwitch = () => {
  const current = theme.value
  const label = `Appearance: ${said[current]}. Change to ${said[order[current]]}`
  return html`<button
    type="button"
    class="button ghost small"
    aria-label=${label}
    title=${label}
    onClick=${() => chooseTheme(order[current])}
  >
    <${Icon} name=${icons[current]} />
  </button>`
}
