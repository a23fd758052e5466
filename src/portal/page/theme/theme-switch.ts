import { html } from '../html.ts'
import { Icon } from '../parts/icon.ts'
import { chooseTheme, type Theme, theme } from './theme.ts'

const next = { system: 'light', light: 'dark', dark: 'system' } as const satisfies Record<Theme, Theme>

const icons = { system: 'system', light: 'sun', dark: 'moon' } as const

/** A button that switches to the next of the three themes. */
export const ThemeSwitch = () => {
  const current = theme.value
  const label = `Appearance: ${current}. Change to ${next[current]}`
  return html`<button
    type="button"
    class="button ghost small"
    aria-label=${label}
    title=${label}
    onClick=${() => chooseTheme(next[current])}
  >
    <${Icon} name=${icons[current]} />
  </button>`
}
